package sql

// IsDistinct is a IS [NOT] DISTINCT FROM b.
type IsDistinct struct {
	Not         bool
	Left, Right Expr
}

// Pos returns where its first operand starts.
func (n *IsDistinct) Pos() Pos { return n.Left.Pos() }

// String returns the expression as canonical SQL.
func (n *IsDistinct) String() string { return render(n) }

func (*IsDistinct) precedence() precedence { return precIs }
