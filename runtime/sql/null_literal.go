package sql

// NullLiteral is NULL.
type NullLiteral struct {
	At Pos
}

// Pos returns where the expression starts.
func (n *NullLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *NullLiteral) String() string { return render(n) }

func (*NullLiteral) precedence() precedence { return precPrimary }
