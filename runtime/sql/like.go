package sql

// Like is x [NOT] LIKE pattern [ESCAPE character].
type Like struct {
	Expr    Expr
	Not     bool
	Pattern Expr
	// Escape is nil when there is none.
	Escape Expr
}

// Pos returns where its first operand starts.
func (n *Like) Pos() Pos { return n.Expr.Pos() }

// String returns the expression as canonical SQL.
func (n *Like) String() string { return render(n) }

func (*Like) precedence() precedence { return precRange }
