package expr

// table is the one list of functions and operators, in the order of the reference page. Each row says how a function is
// written, typed, explained and computed.
func table() []function {
	var list []function
	for _, section := range sections() {
		list = append(list, section()...)
	}
	return list
}

// sections lists the parts of the table. A search makes them one at a time, since each call of a query is looked up.
func sections() []func() []function {
	return []func() []function{
		logicFunctions,
		comparisonFunctions,
		arithmeticFunctions,
		numericFunctions,
		conditionalFunctions,
		stringFunctions,
		timeFunctions,
		partFunctions,
		conversionFunctions,
	}
}
