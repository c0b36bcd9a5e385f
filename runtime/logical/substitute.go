package logical

import "github.com/millrace/millrace/runtime/expr"

// maxExpressionNodes bounds what an expression may grow into when others are put in place of its columns: a view that
// doubles what a view doubles would grow without end. Beyond it the steps stay apart.
const maxExpressionNodes = 2000

// substitute puts expressions in place of the columns that n reads. It answers false when the result would be too big.
func substitute(n expr.Node, columns []expr.Node) (expr.Node, bool) {
	budget := maxExpressionNodes
	out := replace(n, columns, &budget)
	return out, budget >= 0
}

func replace(n expr.Node, columns []expr.Node, budget *int) expr.Node {
	switch {
	case *budget < 0:
		return n
	case n.Column != nil:
		out := columns[n.Column.Index]
		*budget -= size(out, *budget+1)
		return out
	case n.Call == nil:
		*budget--
		return n
	}
	*budget--
	c := *n.Call
	c.Args = make([]expr.Node, len(n.Call.Args))
	for i, a := range n.Call.Args {
		c.Args[i] = replace(a, columns, budget)
	}
	n.Call = &c
	return n
}

// size counts the nodes of an expression, up to a limit.
func size(n expr.Node, limit int) int {
	total := 1
	if n.Call == nil {
		return total
	}
	for _, a := range n.Call.Args {
		if total >= limit {
			break
		}
		total += size(a, limit-total)
	}
	return total
}

// columnsOf calls visit for each column that an expression reads, once for each time that it is read.
func columnsOf(n expr.Node, visit func(index int)) {
	if n.Column != nil {
		visit(n.Column.Index)
	}
	if n.Call != nil {
		for _, a := range n.Call.Args {
			columnsOf(a, visit)
		}
	}
}

// remap moves an expression to other positions: column i becomes positions[i].
func remap(n expr.Node, positions []int) expr.Node {
	switch {
	case n.Column != nil:
		n.Column = &expr.Column{Index: positions[n.Column.Index], Name: n.Column.Name}
	case n.Call != nil:
		c := *n.Call
		c.Args = make([]expr.Node, len(n.Call.Args))
		for i, a := range n.Call.Args {
			c.Args[i] = remap(a, positions)
		}
		n.Call = &c
	}
	return n
}

func exprs(columns []Column) []expr.Node {
	list := make([]expr.Node, len(columns))
	for i, c := range columns {
		list[i] = c.Expr
	}
	return list
}

func remapOptional(n *expr.Node, positions []int) *expr.Node {
	if n == nil {
		return nil
	}
	moved := remap(*n, positions)
	return &moved
}
