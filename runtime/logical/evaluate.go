package logical

import "github.com/millrace/millrace/runtime/expr"

// evaluate computes a call of constants; false when it has no value, as 1 / 0 has none.
func evaluate(n expr.Node) (expr.Node, bool) {
	if v, ok := widened(n); ok {
		return v, true
	}
	return expr.Constant(n)
}
