package sql

// BinaryOp is the operator of a Binary.
type BinaryOp uint8

// The values of BinaryOp.
const (
	// Or is a OR b.
	Or BinaryOp = iota + 1
	// And is a AND b.
	And
	// Equal is a = b.
	Equal
	// NotEqual is a <> b, also written a != b.
	NotEqual
	// Less is a < b.
	Less
	// LessEqual is a <= b.
	LessEqual
	// Greater is a > b.
	Greater
	// GreaterEqual is a >= b.
	GreaterEqual
	// Concat is a || b.
	Concat
	// Add is a + b.
	Add
	// Subtract is a - b.
	Subtract
	// Multiply is a * b.
	Multiply
	// Divide is a / b.
	Divide
	// Modulo is a % b.
	Modulo
)

// String returns the operator as it is written.
func (b BinaryOp) String() string {
	switch b {
	case Or:
		return "OR"
	case And:
		return "AND"
	case Equal:
		return "="
	case NotEqual:
		return "<>"
	case Less:
		return "<"
	case LessEqual:
		return "<="
	case Greater:
		return ">"
	case GreaterEqual:
		return ">="
	case Concat:
		return "||"
	case Add:
		return "+"
	case Subtract:
		return "-"
	case Multiply:
		return "*"
	case Divide:
		return "/"
	case Modulo:
		return "%"
	default:
		return ""
	}
}

func (b BinaryOp) precedence() precedence {
	switch b {
	case Or:
		return precOr
	case And:
		return precAnd
	case Concat:
		return precConcat
	case Add, Subtract:
		return precAdditive
	case Multiply, Divide, Modulo:
		return precMultiplicative
	case Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual:
		return precComparison
	default:
		return precComparison
	}
}
