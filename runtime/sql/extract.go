package sql

// Extract is EXTRACT(unit FROM x).
type Extract struct {
	At   Pos
	Unit Unit
	Expr Expr
}

// Pos returns where the expression starts.
func (n *Extract) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *Extract) String() string { return render(n) }

func (*Extract) precedence() precedence { return precPrimary }
