package expr

// timePart is what EXTRACT takes of a time.
type timePart struct {
	name, text string
	// callable says that name(t) is SQL too.
	callable bool
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
		{name: "YEAR", text: "The year.", callable: true},
		{name: "QUARTER", text: "The quarter, 1 to 4.", callable: true},
		{name: "MONTH", text: "The month, 1 to 12.", callable: true},
		{name: "WEEK", text: "The ISO 8601 week of the year, 1 to 53.", callable: true},
		{name: "DAY", text: "The day of the month, 1 to 31."},
		{name: "HOUR", text: "The hour, 0 to 23.", callable: true},
		{name: "MINUTE", text: "The minute, 0 to 59.", callable: true},
		{name: "SECOND", text: "The second, 0 to 59, without its fraction.", callable: true},
		{name: "MILLISECOND", text: "The milliseconds of the second, 0 to 999."},
		{name: "MICROSECOND", text: "The microseconds of the second, 0 to 999999."},
		{name: "EPOCH", text: "The seconds since 1970-01-01 00:00:00 UTC, rounded down."},
		{name: "DOW", text: "The day of the week, 1 (Sunday) to 7 (Saturday)."},
		{name: "DOY", text: "The day of the year, 1 to 366."},
	}
}
