package sql

// TimeRound is FLOOR(x TO unit) or CEIL(x TO unit).
type TimeRound struct {
	At Pos
	// Up says CEIL.
	Up   bool
	Expr Expr
	Unit Unit
}

// Pos returns where the expression starts.
func (n *TimeRound) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *TimeRound) String() string { return render(n) }

func (*TimeRound) precedence() precedence { return precPrimary }
