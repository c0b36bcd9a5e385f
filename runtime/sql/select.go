package sql

// Select is SELECT … FROM … WHERE … GROUP BY … HAVING ….
type Select struct {
	At Pos
	// Items are the select list in order; there is at least one.
	Items []SelectItem
	// From is nil when there is no FROM.
	From TableRef
	// Where is nil when there is no WHERE.
	Where Expr
	// GroupBy is nil when there is no GROUP BY. An item is never an integer literal.
	GroupBy []Expr
	// Having is nil when there is no HAVING.
	Having Expr
}

// Pos returns where the query starts.
func (n *Select) Pos() Pos { return n.At }

// String returns the query as canonical SQL.
func (n *Select) String() string { return render(n) }

func (*Select) query() {}
