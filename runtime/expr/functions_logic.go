package expr

import "github.com/millrace/millrace/runtime/types"

func logicFunctions() []function {
	oneBoolean := []overload{{args: []types.Kind{types.Boolean}, result: types.Boolean}}
	return []function{
		{
			name: "AND", make: makeLogic, group: groupLogic, operator: true, syntax: "a AND b",
			text: "FALSE when one is FALSE, else NULL when one is NULL, else TRUE. The right side is evaluated only on rows where the left one is not FALSE.",
			rule: each(types.Boolean, 2), signature: "(BOOLEAN, BOOLEAN, …) → BOOLEAN",
		},
		{
			name: "OR", make: makeLogic, group: groupLogic, operator: true, syntax: "a OR b",
			text: "TRUE when one is TRUE, else NULL when one is NULL, else FALSE. The right side is evaluated only on rows where the left one is not TRUE.",
			rule: each(types.Boolean, 2), signature: "(BOOLEAN, BOOLEAN, …) → BOOLEAN",
		},
		{
			name: "NOT", make: makeNot, group: groupLogic, operator: true, syntax: "NOT a",
			text: "The opposite; NULL of NULL.", overloads: oneBoolean,
		},
		{
			name: "IS TRUE", make: makeIsTruth, group: groupLogic, operator: true, syntax: "a IS TRUE",
			text: "TRUE when a is TRUE, else FALSE, also of NULL.", overloads: oneBoolean,
		},
		{
			name: "IS FALSE", make: makeIsTruth, group: groupLogic, operator: true, syntax: "a IS FALSE",
			text: "TRUE when a is FALSE, else FALSE, also of NULL.", overloads: oneBoolean,
		},
	}
}
