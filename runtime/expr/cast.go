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

// NewCall returns a call of a function with its type decided by Lookup and its arguments coerced, at a line and column of
// the query (0 when not known). CAST and TRY_CAST are made by NewCast.
func NewCall(name string, line, column int, args ...Node) (Node, error) {
	kinds := make([]types.Kind, len(args))
	for i, a := range args {
		kinds[i] = a.Kind
	}
	result, casts, err := Lookup(name, kinds)
	if err != nil {
		return Node{}, err
	}
	coerced := make([]Node, len(args))
	for i, a := range args {
		coerced[i] = Coerce(a, casts[i])
	}
	return Node{Kind: result, Call: &Call{Function: name, Args: coerced, Line: line, Column: column}}, nil
}

// NewCast returns CAST(n AS kind), or TRY_CAST, at a line and column of the query (0 when not known).
func NewCast(n Node, kind types.Kind, try bool, line, column int) (Node, error) {
	if err := CheckCast(n.Kind, kind); err != nil {
		return Node{}, err
	}
	name := "CAST"
	if try {
		name = "TRY_CAST"
	}
	return Node{Kind: kind, Call: &Call{Function: name, Args: []Node{n}, Line: line, Column: column}}, nil
}
