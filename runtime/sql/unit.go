package sql

// Unit is a unit of time, in literals, EXTRACT and FLOOR. The zero value is none.
type Unit uint8

// The values of Unit.
const (
	// Year is a calendar year.
	Year Unit = iota + 1
	// Quarter is three calendar months.
	Quarter
	// Month is a calendar month.
	Month
	// Week is seven days.
	Week
	// Day is 24 hours.
	Day
	// Hour is 60 minutes.
	Hour
	// Minute is 60 seconds.
	Minute
	// Second is a second.
	Second
	// Millisecond is a thousandth of a second.
	Millisecond
	// Microsecond is a millionth of a second.
	Microsecond
	// Epoch is the seconds since 1970, in EXTRACT only.
	Epoch
	// DayOfWeek is the day of the week, in EXTRACT only.
	DayOfWeek
	// DayOfYear is the day of the year, in EXTRACT only.
	DayOfYear
)

// String returns the word in upper case.
func (u Unit) String() string {
	switch u {
	case Year:
		return "YEAR"
	case Quarter:
		return "QUARTER"
	case Month:
		return "MONTH"
	case Week:
		return "WEEK"
	case Day:
		return "DAY"
	case Hour:
		return "HOUR"
	case Minute:
		return "MINUTE"
	case Second:
		return "SECOND"
	case Millisecond:
		return "MILLISECOND"
	case Microsecond:
		return "MICROSECOND"
	case Epoch:
		return "EPOCH"
	case DayOfWeek:
		return "DOW"
	case DayOfYear:
		return "DOY"
	default:
		return ""
	}
}
