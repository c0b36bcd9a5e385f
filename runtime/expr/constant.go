package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// Constant computes a node that reads no column, as a literal. It says false when there is none: the node reads a column,
// is not typed as Compile wants it, fails (as it may on no row, when nothing evaluates it), or is a number that JSON can't
// hold.
func Constant(n Node) (Node, bool) {
	p, err := Compile(n, nil)
	if err != nil {
		return Node{}, false
	}
	v, failures, err := p.Eval(&batch.Batch{Length: 1})
	if err != nil || failures != nil {
		return Node{}, false
	}
	return literalOf(v)
}

// literalOf returns the first row of a vector as a literal.
func literalOf(v *batch.Vector) (Node, bool) {
	l := &Literal{}
	n := Node{Kind: v.Kind, Literal: l}
	if v.IsNull(0) {
		return n, true
	}
	switch v.Kind.Storage() {
	case types.StoreBool:
		x := v.Bool[0]
		l.Bool = &x
	case types.StoreInt64:
		x := v.Int64[0]
		l.Int64 = &x
	case types.StoreFloat64:
		x := v.Float64[0]
		l.Float64 = &x
		return n, kernel.Finite(x)
	case types.StoreBytes:
		if v.Kind == types.String {
			s := string(v.Bytes(0))
			l.Text = &s
		} else {
			l.Bytes = append([]byte{}, v.Bytes(0)...)
		}
	case types.StoreNone:
	}
	return n, true
}
