package logical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/types"
)

// Project computes a new list of columns.
type Project struct {
	Input   Node
	Columns []Column
}

// Column is an expression with the name of its result.
type Column struct {
	Name string
	Expr expr.Node
}

// Schema lists the computed columns.
func (p *Project) Schema() types.Schema { return schemaOf(p.Columns) }

func (*Project) node() {}

func schemaOf(columns []Column) types.Schema {
	s := types.Schema{Columns: make([]types.Column, len(columns))}
	for i, c := range columns {
		s.Columns[i] = types.Column{Name: c.Name, Kind: c.Expr.Kind}
	}
	return s
}

// read returns the expression that reads column i of a schema.
func read(s types.Schema, i int) expr.Node {
	return expr.Node{Kind: s.Columns[i].Kind, Column: &expr.Column{Index: i, Name: s.Columns[i].Name}}
}
