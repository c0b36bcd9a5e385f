package sql

// Subquery is a query in parentheses in FROM, or after TABLE in a table function's argument.
type Subquery struct {
	// At is where the opening parenthesis is.
	At    Pos
	Query Query
	// Alias is nil when there is none.
	Alias *Ident
}

// Pos returns where the opening parenthesis is.
func (n *Subquery) Pos() Pos { return n.At }

// String returns the reference as canonical SQL.
func (n *Subquery) String() string { return render(n) }

func (*Subquery) tableRef() {}
