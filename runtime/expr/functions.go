package expr

import "slices"

// table is the one list of functions and operators, in the order of the reference page. Each row says how a function is
// written, typed, explained and computed.
func table() []function {
	return slices.Concat(
		logicFunctions(),
		comparisonFunctions(),
		arithmeticFunctions(),
		numericFunctions(),
		conditionalFunctions(),
		stringFunctions(),
		timeFunctions(),
		partFunctions(),
		conversionFunctions(),
	)
}
