package logical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/types"
)

// fold replaces what is constant by its value, from the leaves up. What fails on its constants stays as it is: it is an
// error of the rows that reach it, and there may be none.
func fold(n expr.Node) expr.Node {
	if n.Call == nil {
		return n
	}
	c := *n.Call
	c.Args = make([]expr.Node, len(n.Call.Args))
	all := true
	for i, a := range n.Call.Args {
		c.Args[i] = fold(a)
		all = all && c.Args[i].Literal != nil
	}
	n.Call = &c
	if all {
		if v, ok := evaluate(n); ok {
			return v
		}
		return n
	}
	return shorten(n)
}

// shorten leaves out what AND and OR can do without: TRUE in the one, FALSE in the other.
func shorten(n expr.Node) expr.Node {
	if n.Call.Function != "AND" && n.Call.Function != "OR" {
		return n
	}
	neutral := n.Call.Function == "AND"
	kept := make([]expr.Node, 0, len(n.Call.Args))
	for _, a := range n.Call.Args {
		if a.Literal == nil || a.Literal.Bool == nil || *a.Literal.Bool != neutral {
			kept = append(kept, a)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	n.Call.Args = kept
	return n
}

// widened converts a constant to a wider type.
func widened(n expr.Node) (expr.Node, bool) {
	if n.Call.Function != "CAST" {
		return n, false
	}
	arg := n.Call.Args[0]
	switch {
	case arg.Literal.IsNull():
		return expr.Node{Kind: n.Kind, Literal: &expr.Literal{}}, true
	case arg.Kind == types.Int && n.Kind == types.BigInt:
		return expr.Node{Kind: n.Kind, Literal: arg.Literal}, true
	case (arg.Kind == types.Int || arg.Kind == types.BigInt) && n.Kind == types.Double:
		v := float64(*arg.Literal.Int64)
		return expr.Node{Kind: n.Kind, Literal: &expr.Literal{Float64: &v}}, true
	default:
		return n, false
	}
}
