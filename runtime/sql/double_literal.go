package sql

// DoubleLiteral is a number with an exponent: 1.5E3. It is finite. A sign before it belongs to it.
type DoubleLiteral struct {
	At    Pos
	Value float64
}

// Pos returns where the expression starts.
func (n *DoubleLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *DoubleLiteral) String() string { return render(n) }

func (*DoubleLiteral) precedence() precedence { return precPrimary }
