package kernel

// Unit is a calendar unit that times are rounded to.
type Unit uint8

// The units.
const (
	Year Unit = iota + 1
	Quarter
	Month
	Week
	Day
	Hour
	Minute
	Second
	Millisecond
)

// micros is the length of a unit that has a fixed one of a day or less, else 0.
func (u Unit) micros() int64 {
	switch u {
	case Day:
		return MicrosPerDay
	case Hour:
		return MicrosPerHour
	case Minute:
		return MicrosPerMinute
	case Second:
		return MicrosPerSecond
	case Millisecond:
		return MicrosPerMilli
	case Year, Quarter, Month, Week:
		return 0
	default:
		return 0
	}
}

// Truncate returns the start of the unit that a time is in, and false when it is out of range.
func (u Unit) Truncate(micros int64) (int64, bool) {
	if length := u.micros(); length > 0 {
		return MultiplyOne(FloorDivide(micros, length), length)
	}
	days, _ := DayOf(micros)
	return MultiplyOne(u.TruncateDays(days), MicrosPerDay)
}

// Ceil returns the first start of a unit that is not before a time, and false when it is out of range.
func (u Unit) Ceil(micros int64) (int64, bool) {
	start, ok := u.Truncate(micros)
	if ok && start == micros {
		return start, true
	}
	if length := u.micros(); length > 0 {
		// The start itself may be out of range although the next one is not.
		n, _ := AddOne(FloorDivide(micros, length), 1)
		return MultiplyOne(n, length)
	}
	days, _ := DayOf(micros)
	return MultiplyOne(u.next(u.TruncateDays(days)), MicrosPerDay)
}

// TruncateDays returns the first day of the unit, of a day or longer, that a day is in.
func (u Unit) TruncateDays(days int64) int64 {
	year, month, _ := Civil(days)
	switch u {
	case Year:
		return Days(year, 1, 1)
	case Quarter:
		return Days(year, (month-1)/3*3+1, 1)
	case Month:
		return Days(year, month, 1)
	case Week:
		return days - Weekday(days)
	case Day, Hour, Minute, Second, Millisecond:
		return days
	default:
		return days
	}
}

// CeilDays returns the first day of a unit, of a day or longer, that is not before a day.
func (u Unit) CeilDays(days int64) int64 {
	start := u.TruncateDays(days)
	if start == days {
		return days
	}
	return u.next(start)
}

// next returns the first day of the unit that follows the one that starts on a day.
func (u Unit) next(start int64) int64 {
	const enough = 32 // days, more than any month has
	switch u {
	case Year:
		return u.TruncateDays(start + 366 + 1)
	case Quarter:
		return u.TruncateDays(start + 3*enough)
	case Month:
		return u.TruncateDays(start + enough)
	case Week:
		return start + 7
	case Day, Hour, Minute, Second, Millisecond:
		return start + 1
	default:
		return start + 1
	}
}
