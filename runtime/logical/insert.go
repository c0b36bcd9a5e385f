package logical

import "github.com/millrace/millrace/runtime/spec"

// Insert writes the rows of a plan to a table, whose columns the input gives in order; their names are the table's.
type Insert struct {
	Input Node
	Table *spec.Table
}

// Program is all that a script does.
type Program struct {
	// Inserts are in the order of the script; there is at least one.
	Inserts []*Insert
}
