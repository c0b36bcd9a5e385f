package sql

// Expr is an expression. It is one of *ColumnRef, *NullLiteral, *BoolLiteral, *IntegerLiteral, *DecimalLiteral,
// *DoubleLiteral, *StringLiteral, *BytesLiteral, *TimestampLiteral, *DateLiteral, *IntervalLiteral, *Unary, *Binary, *Is,
// *IsDistinct, *Between, *In, *Like, *Call, *Case, *Cast, *Extract, *Trim, *TimeRound.
//
//sumtype:decl
type Expr interface {
	Node
	// precedence says how tightly the expression's own operator binds; it also seals the interface.
	precedence() precedence
	// operands visits the expressions directly inside, in the order of the text.
	operands(visit func(Expr))
}
