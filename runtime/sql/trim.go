package sql

// Trim is TRIM([BOTH | LEADING | TRAILING] [characters] [FROM] x).
type Trim struct {
	At   Pos
	Side TrimSide
	// Chars is nil for blanks.
	Chars Expr
	Expr  Expr
}

// Pos returns where the expression starts.
func (n *Trim) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *Trim) String() string { return render(n) }

func (*Trim) precedence() precedence { return precPrimary }
