package expr

import "github.com/millrace/millrace/runtime/types"

func comparisonFunctions() []function {
	const pair = "(T, T) → BOOLEAN"
	compare := func(name, text string) function {
		return function{
			name: name, make: makeCompare, group: groupComparison, operator: true, syntax: "a " + name + " b", text: text,
			rule: comparison(2, 2), signature: pair,
		}
	}
	return []function{
		compare("=", "Whether the two are equal. NULL when one is NULL."),
		compare("<>", "Whether the two differ. NULL when one is NULL."),
		compare("<", "Whether a is less than b. NULL when one is NULL."),
		compare("<=", "Whether a is at most b. NULL when one is NULL."),
		compare(">", "Whether a is greater than b. NULL when one is NULL."),
		compare(">=", "Whether a is at least b. NULL when one is NULL."),
		{
			name: "IS DISTINCT FROM", make: makeDistinct, group: groupComparison, operator: true, syntax: "a IS DISTINCT FROM b",
			text: "Whether the two differ, taking NULL as a value like others: never NULL.",
			rule: comparison(2, 2), signature: pair,
		},
		{
			name: "IS NULL", make: makeIsNull, group: groupComparison, operator: true, syntax: "a IS NULL",
			text: "Whether a is NULL.", rule: anything(types.Boolean), signature: "(T) → BOOLEAN",
		},
		{
			name: "IS NOT NULL", make: makeIsNull, group: groupComparison, operator: true, syntax: "a IS NOT NULL",
			text: "Whether a is not NULL.", rule: anything(types.Boolean), signature: "(T) → BOOLEAN",
		},
		{
			name: "IN", make: makeIn, group: groupComparison, operator: true, syntax: "a IN (b, …)",
			text: "Whether a equals one of the list. NULL when a is NULL, or when nothing is equal and the list has a NULL.",
			rule: comparison(2, anyNumber), signature: "(T, T, …) → BOOLEAN",
		},
		{
			name: "LIKE", make: makeLike, literals: true, group: groupComparison, operator: true, syntax: "a LIKE pattern [ESCAPE character]",
			text: "Whether the whole of a fits the pattern: % stands for any characters, _ for one; the escape character takes the next one literally. There is no escape character unless one is given.",
			overloads: []overload{
				{args: []types.Kind{types.String, types.String}, result: types.Boolean},
				{args: []types.Kind{types.String, types.String, types.String}, result: types.Boolean},
			},
		},
	}
}
