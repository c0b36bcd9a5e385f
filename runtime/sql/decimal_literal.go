package sql

// DecimalLiteral is an exact number with a fraction, or one that does not fit 64 bits. A sign before it belongs to it.
type DecimalLiteral struct {
	At Pos
	// Text is an optional minus, digits without needless leading zeros, and an optional point with digits: "-0.50".
	Text string
}

// Pos returns where the expression starts.
func (n *DecimalLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *DecimalLiteral) String() string { return render(n) }

func (*DecimalLiteral) precedence() precedence { return precPrimary }
