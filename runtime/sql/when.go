package sql

// When is one WHEN condition THEN result of a CASE; in the form with an operand the condition is a value.
type When struct {
	At           Pos
	Cond, Result Expr
}

// Pos returns where the word WHEN is.
func (n *When) Pos() Pos { return n.At }

// String returns the branch as canonical SQL.
func (n *When) String() string { return render(n) }
