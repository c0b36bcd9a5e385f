package sql

// Unary is an operator before its operand. A sign before a number is part of the number and not a Unary.
type Unary struct {
	At   Pos
	Op   UnaryOp
	Expr Expr
}

// Pos returns where the operator is.
func (n *Unary) Pos() Pos { return n.At }

// String returns the expression as canonical SQL.
func (n *Unary) String() string { return render(n) }

func (n *Unary) precedence() precedence {
	if n.Op == Not {
		return precNot
	}
	return precUnary
}
