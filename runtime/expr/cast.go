package expr

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// CheckCast says whether CAST converts between two kinds; the error is of kind User and has no place.
func CheckCast(from, to types.Kind) error {
	if castable(from, to) {
		return nil
	}
	return fault.New(fault.User, fault.Place{}, "CAST does not convert %s to %s", from, to)
}

func castable(from, to types.Kind) bool {
	switch {
	case from == types.Invalid, to == types.Invalid, to == types.Null:
		return false
	case from == to, from == types.Null, from == types.String, to == types.String:
		return true
	case from.Numeric():
		return to.Numeric()
	case from == types.Date:
		return to == types.Timestamp
	case from == types.Timestamp:
		return to == types.Date
	default:
		return false
	}
}

// Coerce returns the node as one of another kind: itself, a NULL of that kind, or a CAST around it. CheckCast must
// allow it.
func Coerce(n Node, kind types.Kind) Node {
	switch {
	case n.Kind == kind:
		return n
	case n.Literal != nil && n.Literal.IsNull():
		return Node{Kind: kind, Literal: &Literal{}}
	default:
		line, column := n.place()
		return Node{Kind: kind, Call: &Call{Function: "CAST", Args: []Node{n}, Line: line, Column: column}}
	}
}

// place returns where the node stands when it is a call, else zeros.
func (n Node) place() (line, column int) {
	if n.Call == nil {
		return 0, 0
	}
	return n.Call.Line, n.Call.Column
}

// IsNull says whether the literal is NULL.
func (l *Literal) IsNull() bool {
	return l.Bool == nil && l.Int64 == nil && l.Float64 == nil && l.Bytes == nil && l.Text == nil
}
