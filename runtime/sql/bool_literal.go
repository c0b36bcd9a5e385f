package sql

// BoolLiteral is TRUE or FALSE.
type BoolLiteral struct {
	At    Pos
	Value bool
}

// Pos returns where the expression starts.
func (n *BoolLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *BoolLiteral) String() string { return render(n) }

func (*BoolLiteral) precedence() precedence { return precPrimary }
