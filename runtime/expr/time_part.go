package expr

import "github.com/millrace/millrace/runtime/kernel"

// timePart is what EXTRACT takes of a time.
type timePart struct {
	name, text string
	// callable says that name(t) is SQL too.
	callable bool
	of       func(micros int64) int64
}

func (p timePart) syntax() string {
	s := "EXTRACT(" + p.name + " FROM t)"
	if p.callable {
		s += " or " + p.name + "(t)"
	}
	return s
}

func parts() []timePart {
	return []timePart{
		{name: "YEAR", text: "The year.", callable: true, of: yearOf},
		{name: "QUARTER", text: "The quarter, 1 to 4.", callable: true, of: func(t int64) int64 { return (monthOf(t)-1)/3 + 1 }},
		{name: "MONTH", text: "The month, 1 to 12.", callable: true, of: monthOf},
		{name: "WEEK", text: "The ISO 8601 week of the year, 1 to 53.", callable: true, of: ofDay(kernel.ISOWeek)},
		{name: "DAY", text: "The day of the month, 1 to 31.", callable: true, of: dayOf},
		{name: "HOUR", text: "The hour, 0 to 23.", callable: true, of: clockOf(kernel.MicrosPerHour, 24)},
		{name: "MINUTE", text: "The minute, 0 to 59.", callable: true, of: clockOf(kernel.MicrosPerMinute, 60)},
		{name: "SECOND", text: "The second, 0 to 59, without its fraction.", callable: true, of: clockOf(kernel.MicrosPerSecond, 60)},
		{name: "MILLISECOND", text: "The milliseconds of the second, 0 to 999.", of: clockOf(kernel.MicrosPerMilli, 1000)},
		{name: "MICROSECOND", text: "The microseconds of the second, 0 to 999999.", of: clockOf(1, kernel.MicrosPerSecond)},
		{name: "EPOCH", text: "The seconds since 1970-01-01 00:00:00 UTC, rounded down.", of: func(t int64) int64 { return kernel.FloorDivide(t, kernel.MicrosPerSecond) }},
		{name: "DOW", text: "The day of the week, 1 (Sunday) to 7 (Saturday).", of: ofDay(func(d int64) int64 { return (kernel.Weekday(d)+1)%7 + 1 })},
		{name: "DOY", text: "The day of the year, 1 to 366.", of: ofDay(kernel.YearDay)},
	}
}

func ofDay(f func(days int64) int64) func(micros int64) int64 {
	return func(micros int64) int64 {
		days, _ := kernel.DayOf(micros)
		return f(days)
	}
}

// clockOf counts whole units since midnight, from 0 again after each modulus.
func clockOf(unit, modulus int64) func(micros int64) int64 {
	return func(micros int64) int64 {
		_, rest := kernel.DayOf(micros)
		return rest / unit % modulus
	}
}

func yearOf(micros int64) int64 {
	days, _ := kernel.DayOf(micros)
	year, _, _ := kernel.Civil(days)
	return year
}

func monthOf(micros int64) int64 {
	days, _ := kernel.DayOf(micros)
	_, month, _ := kernel.Civil(days)
	return month
}

func dayOf(micros int64) int64 {
	days, _ := kernel.DayOf(micros)
	_, _, day := kernel.Civil(days)
	return day
}
