package expr

func conditionalFunctions() []function {
	return []function{
		{
			name: "CASE", make: makeCase, group: groupConditional, operator: true, syntax: "CASE WHEN condition THEN value … [ELSE value] END",
			text: "The value of the first condition that is TRUE, else the last value, which is NULL when there is no ELSE. A value is evaluated only on the rows that take it, a condition only on the rows that none before took.",
			rule: branches, signature: "(BOOLEAN, T, …, T) → T",
		},
		{
			name: "COALESCE", make: makeCoalesce, group: groupConditional, syntax: "COALESCE(a, b, …)",
			text: "The first that is not NULL. An argument is evaluated only on the rows on which all before it are NULL.",
			rule: same(1, anyNumber), signature: "(T, T, …) → T",
		},
		{
			name: "NULLIF", make: makeNullIf, group: groupConditional, syntax: "NULLIF(a, b)", text: "NULL when a = b is TRUE, else a.",
			rule: same(2, 2), signature: "(T, T) → T",
		},
		{
			name: "GREATEST", make: makeExtreme, group: groupConditional, syntax: "GREATEST(a, b, …)", text: "The greatest of all; NULL when one is NULL.",
			rule: same(1, anyNumber), signature: "(T, T, …) → T",
		},
		{
			name: "LEAST", make: makeExtreme, group: groupConditional, syntax: "LEAST(a, b, …)", text: "The least of all; NULL when one is NULL.",
			rule: same(1, anyNumber), signature: "(T, T, …) → T",
		},
	}
}
