package sql

// IntegerLiteral is a whole number that fits 64 bits. A sign before it belongs to it.
type IntegerLiteral struct {
	At    Pos
	Value int64
}

// Pos returns where the expression starts.
func (n *IntegerLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *IntegerLiteral) String() string { return render(n) }

func (*IntegerLiteral) precedence() precedence { return precPrimary }
