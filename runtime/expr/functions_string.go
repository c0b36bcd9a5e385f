package expr

import "github.com/millrace/millrace/runtime/types"

func stringFunctions() []function {
	const (
		text    = types.String
		integer = types.Int
	)
	one := []overload{{args: []types.Kind{text}, result: text}}
	trim := []overload{{args: []types.Kind{text}, result: text}, {args: []types.Kind{text, text}, result: text}}
	return []function{
		{name: "||", make: byRow(concat), group: groupString, operator: true, syntax: "a || b", text: "The two strings in a row; NULL when one is NULL.", rule: each(text, 2), signature: "(STRING, STRING, …) → STRING"},
		{name: "CONCAT", make: byRow(concat), group: groupString, syntax: "CONCAT(a, b, …)", text: "The strings in a row; NULL when one is NULL.", rule: each(text, 1), signature: "(STRING, STRING, …) → STRING"},
		{name: "UPPER", make: makeMapped, group: groupString, syntax: "UPPER(s)", text: "The string in upper case, by Unicode, a character at a time.", overloads: one},
		{name: "LOWER", make: makeMapped, group: groupString, syntax: "LOWER(s)", text: "The string in lower case, by Unicode, a character at a time.", overloads: one},
		{name: "CHAR_LENGTH", make: byRow(charLength), group: groupString, syntax: "CHAR_LENGTH(s)", text: "The number of characters.", overloads: []overload{{args: []types.Kind{text}, result: integer}}},
		{
			name: "SUBSTRING", make: withinFirst(substring), group: groupString, syntax: "SUBSTRING(s, start [, length])",
			text: "The characters from start, counted from 1 (0 is taken as 1), to the end or for a length. A negative start counts from the end. A negative length is an error of the row.",
			overloads: []overload{
				{args: []types.Kind{text, integer}, result: text},
				{args: []types.Kind{text, integer, integer}, result: text},
			},
		},
		{name: "TRIM", make: makeTrim, group: groupString, syntax: "TRIM(s [, characters])", text: "The string without the characters (blanks when not given) at both ends.", overloads: trim},
		{name: "LTRIM", make: makeTrim, group: groupString, syntax: "LTRIM(s [, characters])", text: "The string without the characters (blanks when not given) at its start.", overloads: trim},
		{name: "RTRIM", make: makeTrim, group: groupString, syntax: "RTRIM(s [, characters])", text: "The string without the characters (blanks when not given) at its end.", overloads: trim},
		{
			name: "REPLACE", make: byRow(replace), group: groupString, syntax: "REPLACE(s, from, to)", text: "The string with each occurrence of from, left to right, turned into to; an empty from changes nothing.",
			overloads: []overload{{args: []types.Kind{text, text, text}, result: text}},
		},
		{
			name: "POSITION", make: byRow(position), group: groupString, syntax: "POSITION(part IN s)", text: "The place of the first occurrence, in characters from 1; 0 when there is none.",
			overloads: []overload{{args: []types.Kind{text, text}, result: integer}},
		},
		{
			name: "SPLIT_INDEX", make: withinFirst(splitIndex), group: groupString, syntax: "SPLIT_INDEX(s, separator, index)",
			text:      "The piece with that number, from 0, of the string cut at each separator; NULL when there is no such piece. An empty separator does not cut.",
			overloads: []overload{{args: []types.Kind{text, text, integer}, result: text}},
		},
		{
			name: "REGEXP_EXTRACT", make: makeRegexpExtract, literals: true, group: groupString, syntax: "REGEXP_EXTRACT(s, pattern [, group])",
			text: "What the group (0, the whole match, when not given) of the first match holds; NULL when nothing matches or the group took no part. Pattern and group are literals; the syntax is RE2's.",
			overloads: []overload{
				{args: []types.Kind{text, text}, result: text},
				{args: []types.Kind{text, text, integer}, result: text},
			},
		},
	}
}
