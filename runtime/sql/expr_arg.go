package sql

// ExprArg is an expression as an argument of a table function, most often an interval.
type ExprArg struct {
	Expr Expr
}

// Pos returns where the expression starts.
func (n *ExprArg) Pos() Pos { return n.Expr.Pos() }

// String returns the expression as canonical SQL.
func (n *ExprArg) String() string { return render(n) }

func (*ExprArg) argumentValue() {}
