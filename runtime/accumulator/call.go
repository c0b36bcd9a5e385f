package accumulator

import "github.com/millrace/millrace/runtime/types"

// Call is one aggregate function.
type Call struct {
	Function Function
	// Argument is the position of the input column; -1 for COUNT(*).
	Argument int
	// Filter is the position of a BOOLEAN column that must be TRUE for a row to count; -1 for none.
	Filter int
	// Kind is the type of the result.
	Kind types.Kind
}

// Function names an aggregate function.
type Function string

// The functions. NULL arguments are left out; over no values all but COUNT are NULL.
const (
	Count Function = "COUNT" // BIGINT
	Sum   Function = "SUM"   // BIGINT for INT and BIGINT, DOUBLE for DOUBLE
	Min   Function = "MIN"   // the argument's type
	Max   Function = "MAX"   // the argument's type
	Avg   Function = "AVG"   // DOUBLE
)
