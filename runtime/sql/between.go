package sql

// Between is x [NOT] BETWEEN low AND high.
type Between struct {
	Expr      Expr
	Not       bool
	Low, High Expr
}

// Pos returns where its first operand starts.
func (n *Between) Pos() Pos { return n.Expr.Pos() }

// String returns the expression as canonical SQL.
func (n *Between) String() string { return render(n) }

func (*Between) precedence() precedence { return precRange }
