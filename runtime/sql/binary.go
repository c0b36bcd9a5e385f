package sql

// Binary is an operator between two operands. Chains lean to the left: a - b - c is (a - b) - c.
type Binary struct {
	// OpAt is where the operator is.
	OpAt        Pos
	Op          BinaryOp
	Left, Right Expr
}

// Pos returns where the left operand starts.
func (n *Binary) Pos() Pos { return n.Left.Pos() }

// String returns the expression as canonical SQL, with the parentheses that it needs.
func (n *Binary) String() string { return render(n) }

func (n *Binary) precedence() precedence { return n.Op.precedence() }
