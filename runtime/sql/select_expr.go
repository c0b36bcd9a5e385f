package sql

// SelectExpr is an expression of a select list with its alias.
type SelectExpr struct {
	Expr Expr
	// Alias is nil when there is none.
	Alias *Ident
}

// Pos returns where the expression starts.
func (n *SelectExpr) Pos() Pos { return n.Expr.Pos() }

// String returns the item as canonical SQL.
func (n *SelectExpr) String() string { return render(n) }

func (*SelectExpr) selectItem() {}
