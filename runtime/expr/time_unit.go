package expr

import "github.com/millrace/millrace/runtime/kernel"

// timeUnit is a unit that times are rounded to.
type timeUnit struct {
	// name is the word of SQL, and text the word of prose.
	name, text string
	// days says that the unit is whole days, so that a DATE can be rounded to it.
	days bool
	unit kernel.Unit
}

func units() []timeUnit {
	return []timeUnit{
		{name: "YEAR", text: "year", unit: kernel.Year, days: true},
		{name: "QUARTER", text: "quarter", unit: kernel.Quarter, days: true},
		{name: "MONTH", text: "month", unit: kernel.Month, days: true},
		{name: "WEEK", text: "week (from Monday)", unit: kernel.Week, days: true},
		{name: "DAY", text: "day", unit: kernel.Day, days: true},
		{name: "HOUR", text: "hour", unit: kernel.Hour},
		{name: "MINUTE", text: "minute", unit: kernel.Minute},
		{name: "SECOND", text: "second", unit: kernel.Second},
		{name: "MILLISECOND", text: "millisecond", unit: kernel.Millisecond},
	}
}
