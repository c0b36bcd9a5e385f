package kernel

// The units of time in microseconds.
const (
	MicrosPerMilli  = 1_000
	MicrosPerSecond = 1_000_000
	MicrosPerMinute = 60 * MicrosPerSecond
	MicrosPerHour   = 60 * MicrosPerMinute
	MicrosPerDay    = 24 * MicrosPerHour
)

const (
	daysPerEra    = 146_097 // 400 years
	daysToMarch0  = 719_468 // from 0000-03-01 to 1970-01-01
	yearsPerEra   = 400
	weekdayOffset = 4 // 1970-01-01 was a Thursday
)

// Civil returns the date of the proleptic Gregorian calendar that is days after 1970-01-01. The method is Howard
// Hinnant's "chrono-Compatible Low-Level Date Algorithms": years from March, in eras of 400.
func Civil(days int64) (year, month, day int64) {
	z := days + daysToMarch0
	era := FloorDivide(z, daysPerEra)
	doe := z - era*daysPerEra
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*yearsPerEra
	if month <= 2 {
		year++
	}
	return year, month, day
}

// Days is the inverse of Civil; month and day must be in range.
func Days(year, month, day int64) int64 {
	if month <= 2 {
		year--
	}
	era := FloorDivide(year, yearsPerEra)
	yoe := year - era*yearsPerEra
	mp := (month + 9) % 12
	doy := (153*mp+2)/5 + day - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*daysPerEra + doe - daysToMarch0
}

// DaysInMonth returns the length of a month.
func DaysInMonth(year, month int64) int64 {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// DayOf returns the day, counted from 1970-01-01, in which a time is, and the microseconds since its midnight.
func DayOf(micros int64) (days, rest int64) {
	days = FloorDivide(micros, MicrosPerDay)
	return days, micros - days*MicrosPerDay
}

// Weekday returns 0 for Monday to 6 for Sunday.
func Weekday(days int64) int64 {
	d := (days + weekdayOffset - 1) % 7
	if d < 0 {
		d += 7
	}
	return d
}

// YearDay returns the day of the year, from 1.
func YearDay(days int64) int64 {
	year, _, _ := Civil(days)
	return days - Days(year, 1, 1) + 1
}

// ISOWeek returns the ISO 8601 week of the year: weeks start on Monday, and week 1 has the year's first Thursday.
func ISOWeek(days int64) int64 {
	thursday := days - Weekday(days) + 3
	return (YearDay(thursday)-1)/7 + 1
}
