package sql

// UnaryOp is the operator of a Unary.
type UnaryOp uint8

// The values of UnaryOp.
const (
	// Not is NOT x.
	Not UnaryOp = iota + 1
	// Minus is -x.
	Minus
	// Plus is +x.
	Plus
)

// String returns the operator as it is written.
func (u UnaryOp) String() string {
	switch u {
	case Not:
		return "NOT"
	case Minus:
		return "-"
	case Plus:
		return "+"
	default:
		return ""
	}
}
