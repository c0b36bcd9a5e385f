package expr

// timeUnit is a unit that times are rounded to.
type timeUnit struct {
	// name is the word of SQL, and text the word of prose.
	name, text string
	// days says that the unit is whole days, so that a DATE can be rounded to it.
	days bool
}

func units() []timeUnit {
	return []timeUnit{
		{name: "YEAR", text: "year", days: true},
		{name: "QUARTER", text: "quarter", days: true},
		{name: "MONTH", text: "month", days: true},
		{name: "WEEK", text: "week (from Monday)", days: true},
		{name: "DAY", text: "day", days: true},
		{name: "HOUR", text: "hour"},
		{name: "MINUTE", text: "minute"},
		{name: "SECOND", text: "second"},
		{name: "MILLISECOND", text: "millisecond"},
	}
}
