package sql

// Is is x IS [NOT] NULL, TRUE, FALSE or UNKNOWN.
type Is struct {
	Expr Expr
	Not  bool
	Test IsTest
}

// Pos returns where its first operand starts.
func (n *Is) Pos() Pos { return n.Expr.Pos() }

// String returns the expression as canonical SQL.
func (n *Is) String() string { return render(n) }

func (*Is) precedence() precedence { return precIs }
