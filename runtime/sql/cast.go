package sql

// Cast is CAST(x AS type) or TRY_CAST(x AS type).
type Cast struct {
	At   Pos
	Expr Expr
	Type *TypeName
	// Try says that a failure gives NULL.
	Try bool
}

// Pos returns where the expression starts.
func (n *Cast) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *Cast) String() string { return render(n) }

func (*Cast) precedence() precedence { return precPrimary }
