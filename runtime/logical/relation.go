package logical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// relation is a plan with what names in a query may mean: a column of the relation for each column of the plan.
type relation struct {
	node    Node
	columns []column
	// from is what the rows are called in messages: a table's or view's name, or empty.
	from string
	// window is the one that the rows are in, or nil; grouped says that they are its groups.
	window  *Window
	grouped bool
	// partition are the columns by which a SESSION's rows are parted, with where they are named.
	partition []partitionColumn
}

// partitionColumn is a column behind PARTITION BY.
type partitionColumn struct {
	index int
	name  sql.Ident
}

// column is a name with what is known about the values behind it.
type column struct {
	qualifier string
	name      string
	kind      types.Kind
	role      role
}

// role says what a column means to time. It survives projections that only pass the column on.
type role uint8

const (
	roleNone role = iota
	// roleEventTime is the column that the watermark follows.
	roleEventTime
	roleWindowStart
	roleWindowEnd
	roleWindowTime
)

func (r role) windowed() bool {
	return r == roleWindowStart || r == roleWindowEnd || r == roleWindowTime
}

func (r *relation) schema() types.Schema {
	s := types.Schema{Columns: make([]types.Column, len(r.columns))}
	for i, c := range r.columns {
		s.Columns[i] = types.Column{Name: c.name, Kind: c.kind}
	}
	return s
}

// read returns the expression that reads column i; a column that is always NULL, and has no type yet, is not read.
func (r *relation) read(i int) expr.Node {
	c := r.columns[i]
	if c.kind == types.Null {
		return expr.Node{Kind: types.Null, Literal: &expr.Literal{}}
	}
	return expr.Node{Kind: c.kind, Column: &expr.Column{Index: i, Name: c.name}}
}

// roleOf returns the role of what an expression gives.
func (r *relation) roleOf(n expr.Node) role {
	if n.Column == nil {
		return roleNone
	}
	return r.columns[n.Column.Index].role
}

// withRole returns the position of the first column of a role, or -1.
func (r *relation) withRole(want role) int {
	for i, c := range r.columns {
		if c.role == want {
			return i
		}
	}
	return -1
}

// called returns the relation under another name.
func (r *relation) called(name string) *relation {
	c := *r
	c.from = name
	c.columns = make([]column, len(r.columns))
	for i, col := range r.columns {
		col.qualifier = name
		c.columns[i] = col
	}
	return &c
}

// passed projects all columns as they are.
func (r *relation) passed() []Column {
	columns := make([]Column, len(r.columns))
	for i, c := range r.columns {
		columns[i] = Column{Name: c.name, Expr: r.read(i)}
	}
	return columns
}
