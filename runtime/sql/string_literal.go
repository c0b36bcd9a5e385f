package sql

// StringLiteral is text in single quotes, its doubled quotes made one.
type StringLiteral struct {
	At    Pos
	Value string
}

// Pos returns where the expression starts.
func (n *StringLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *StringLiteral) String() string { return render(n) }

func (*StringLiteral) precedence() precedence { return precPrimary }
