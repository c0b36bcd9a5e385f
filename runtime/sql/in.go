package sql

// In is x [NOT] IN (list).
type In struct {
	Expr Expr
	Not  bool
	// List holds at least one.
	List []Expr
}

// Pos returns where its first operand starts.
func (n *In) Pos() Pos { return n.Expr.Pos() }

// String returns the expression as canonical SQL.
func (n *In) String() string { return render(n) }

func (*In) precedence() precedence { return precRange }
