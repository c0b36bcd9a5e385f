package sql

// DateLiteral is DATE '2013-01-01'.
type DateLiteral struct {
	At Pos
	// Days counts days since 1970-01-01.
	Days int32
}

// Pos returns where the expression starts.
func (n *DateLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *DateLiteral) String() string { return render(n) }

func (*DateLiteral) precedence() precedence { return precPrimary }
