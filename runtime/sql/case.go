package sql

// Case is CASE in either form.
type Case struct {
	At Pos
	// Operand is nil in the searched form.
	Operand Expr
	// Whens holds at least one.
	Whens []*When
	// Else is nil when there is none.
	Else Expr
}

// Pos returns where the expression starts.
func (n *Case) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *Case) String() string { return render(n) }

func (*Case) precedence() precedence { return precPrimary }
