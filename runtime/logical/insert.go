package logical

import (
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// Insert writes the rows of a plan to a table, whose columns the input gives in order; their names are the table's.
type Insert struct {
	Input Node
	Table *spec.Table
	// At is where the statement starts in the text.
	At sql.Pos
}

// Program is all that a script does.
type Program struct {
	// Inserts are in the order of the script; there is at least one.
	Inserts []*Insert
}
