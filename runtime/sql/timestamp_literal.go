package sql

// TimestampLiteral is TIMESTAMP '2013-01-01 05:17:00'. It has no time zone, which means UTC.
type TimestampLiteral struct {
	At Pos
	// Micros counts microseconds since 1970-01-01 00:00:00 UTC.
	Micros int64
}

// Pos returns where the expression starts.
func (n *TimestampLiteral) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *TimestampLiteral) String() string { return render(n) }

func (*TimestampLiteral) precedence() precedence { return precPrimary }
