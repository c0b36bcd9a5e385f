package sql

// IntervalLiteral is INTERVAL '1:30' HOUR TO MINUTE. A precision such as MINUTE(3) is read and dropped.
type IntervalLiteral struct {
	At Pos
	// Text is what stands between the quotes, and a minus before it when the sign stands outside.
	Text string
	// From and To are the units; To equals From when there is one unit.
	From, To Unit
	// Months is its length when the units are years, quarters and months; else 0.
	Months int64
	// Micros is its length when the units are weeks and shorter; else 0.
	Micros int64
}

// Pos returns where the expression starts.
func (n *IntervalLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *IntervalLiteral) String() string { return render(n) }

func (*IntervalLiteral) precedence() precedence { return precPrimary }
