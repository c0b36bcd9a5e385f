package logical

import (
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Scan reads a table.
type Scan struct {
	Table *spec.Table
	// Columns are positions in the table's schema: what the scan gives, in this order.
	Columns []int
}

// Schema lists the columns that are read.
func (s *Scan) Schema() types.Schema {
	columns := make([]types.Column, len(s.Columns))
	for i, c := range s.Columns {
		columns[i] = s.Table.Schema.Columns[c]
	}
	return types.Schema{Columns: columns}
}

func (*Scan) node() {}

func scanAll(table *spec.Table) *Scan {
	s := &Scan{Table: table, Columns: make([]int, len(table.Schema.Columns))}
	for i := range s.Columns {
		s.Columns[i] = i
	}
	return s
}
