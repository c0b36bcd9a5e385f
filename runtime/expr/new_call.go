package expr

import "github.com/millrace/millrace/runtime/types"

// NewCall returns a call of a function with its type decided by Lookup and its arguments coerced, at a line and column of
// the query (0 when not known). An argument that must be a literal, such as a pattern, is checked here, so that a query
// that is wrong is refused when it is planned. The error is of kind User and has no place. CAST and TRY_CAST are made by
// NewCast.
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
	n := Node{Kind: result, Call: &Call{Function: name, Args: coerced, Line: line, Column: column}}
	return n, checkLiterals(&n)
}

// checkLiterals makes the code of a call for the sake of the errors that its literals may give.
func checkLiterals(n *Node) error {
	f, _ := find(n.Call.Function)
	if !f.literals {
		return nil
	}
	c := &callContext{name: f.name, kind: n.Kind}
	for _, a := range n.Call.Args {
		var e evaluator = &column{} // never evaluated
		if v, ok := Constant(a); ok {
			e = newLiteral(v.Kind, v.Literal)
		}
		c.args, c.kinds = append(c.args, e), append(c.kinds, a.Kind)
	}
	_, err := f.make(c)
	return err
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
