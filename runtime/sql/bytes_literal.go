package sql

// BytesLiteral is X'0aff'.
type BytesLiteral struct {
	At    Pos
	Value []byte
}

// Pos returns where the expression starts.
func (n *BytesLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *BytesLiteral) String() string { return render(n) }

func (*BytesLiteral) precedence() precedence { return precPrimary }
