package expr

import "github.com/millrace/millrace/runtime/types"

func conversionFunctions() []function {
	// The target is the node's kind and no argument: CheckCast decides, not the table's rule.
	never := func([]types.Kind) (types.Kind, []types.Kind, bool) { return types.Invalid, nil, false }
	return []function{
		{
			name: "CAST", make: makeCast, group: groupConversion, operator: true, syntax: "CAST(x AS type)",
			text: "The value as another type; one that can't be converted is an error of the row. [The types](types.md) lists what converts to what.",
			rule: never, signature: "(T) → type",
		},
		{
			name: "TRY_CAST", make: makeCast, group: groupConversion, operator: true, syntax: "TRY_CAST(x AS type)",
			text: "As CAST, but NULL instead of an error.", rule: never, signature: "(T) → type",
		},
	}
}
