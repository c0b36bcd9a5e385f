package json

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
	daysPerEra      = 146_097 // 400 years
	epochDay        = 719_468 // days from 0000-03-01 to 1970-01-01
)

// daysOf returns the days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March,
// so that the leap day is a year's last (H. Hinnant, chrono-compatible low-level date algorithms, 2013).
func daysOf(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int64(era*daysPerEra + dayOfEra - epochDay)
}

// dateOf is the inverse of daysOf.
func dateOf(days int64) (year, month, day int) {
	z := int(days) + epochDay
	era := floorDiv(z, daysPerEra)
	dayOfEra := z - era*daysPerEra
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153
	day, month, year = dayOfYear-(153*shifted+2)/5+1, shifted+3, yearOfEra+era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
