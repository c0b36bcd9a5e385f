package expr

import "github.com/millrace/millrace/runtime/types"

func timeFunctions() []function {
	const (
		text      = types.String
		timestamp = types.Timestamp
		date      = types.Date
	)
	list := []function{
		{
			name: "DATE_FORMAT", make: makeDateFormat, literals: true, group: groupTime, syntax: "DATE_FORMAT(t, pattern)",
			text:      "The time as text. The pattern is a literal of the letters y M d H m s S in Java's meaning, text in single quotes, and other characters as they are.",
			overloads: []overload{{args: []types.Kind{timestamp, text}, result: text}},
		},
		{
			name: "TO_TIMESTAMP", make: makeToTimestamp, literals: true, group: groupTime, syntax: "TO_TIMESTAMP(s [, pattern])",
			text: "The text as a TIMESTAMP, read as 'yyyy-MM-dd HH:mm:ss' with an optional fraction, or by a pattern as in DATE_FORMAT. Text that does not fit is an error of the row.",
			overloads: []overload{
				{args: []types.Kind{text}, result: timestamp},
				{args: []types.Kind{text, text}, result: timestamp},
			},
		},
		{
			name: "TO_TIMESTAMP_LTZ", make: makeToTimestampLTZ, literals: true, group: groupTime, syntax: "TO_TIMESTAMP_LTZ(number, precision)",
			text:      "The time that many units after 1970-01-01 00:00:00 UTC; the precision is a literal: 0 for seconds, 3 for milliseconds, 6 for microseconds.",
			overloads: []overload{{args: []types.Kind{types.BigInt, types.Int}, result: timestamp}},
		},
		{
			name: "DATE_TRUNC", make: makeDateTrunc, literals: true, group: groupTime, syntax: "DATE_TRUNC(unit, t)",
			text:      "The start of the unit that t is in; the unit is a literal such as 'hour'.",
			overloads: []overload{{args: []types.Kind{text, timestamp}, result: timestamp}},
		},
	}
	for _, u := range units() {
		round := []overload{{args: []types.Kind{timestamp}, result: timestamp}}
		if u.days {
			round = []overload{{args: []types.Kind{date}, result: date}, {args: []types.Kind{timestamp}, result: timestamp}}
		}
		list = append(list,
			function{
				name: "TRUNC_" + u.name, make: rounding(u.unit, false), group: groupTime, operator: true, syntax: "FLOOR(t TO " + u.name + ")",
				text: "The start of the " + u.text + " that t is in, also before 1970.", overloads: round,
			},
			function{
				name: "CEIL_" + u.name, make: rounding(u.unit, true), group: groupTime, operator: true, syntax: "CEIL(t TO " + u.name + ")",
				text: "The first start of a " + u.text + " that is not before t.", overloads: round,
			})
	}
	return list
}

// partFunctions are EXTRACT(part FROM t) and the parts of which SQL has functions.
func partFunctions() []function {
	var list []function
	for _, p := range parts() {
		list = append(list, function{
			name: p.name, make: partOf(p.of), group: groupTime, operator: !p.callable, syntax: p.syntax(), text: p.text,
			overloads: []overload{{args: []types.Kind{types.Timestamp}, result: types.BigInt}},
		})
	}
	return list
}
