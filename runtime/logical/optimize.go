package logical

import "github.com/millrace/millrace/runtime/expr"

// Optimize returns a program that computes the same with less: constants folded, filters next to the scan, projections
// merged, and only the columns read that something uses.
//
// Which rows count as late or set the watermark does not change: the source sees every decoded row before the first
// filter. What may change is which expressions are evaluated on rows that another condition leaves out: fewer, never more
// than the text says in some order.
func Optimize(p *Program) *Program {
	out := &Program{Inserts: make([]*Insert, len(p.Inserts))}
	for i, in := range p.Inserts {
		out.Inserts[i] = &Insert{Input: prune(normalise(in.Input)), Table: in.Table, At: in.At}
	}
	return out
}

// normalise brings a chain into its normal form, from the scan up.
func normalise(n Node) Node {
	switch n := n.(type) {
	case *Scan:
		return n
	case *Filter:
		input := normalise(n.Input)
		for _, c := range conjuncts(fold(n.Predicate), nil) {
			input = pushFilter(c, input)
		}
		return input
	case *Project:
		return mergeProject(foldColumns(n.Columns), normalise(n.Input))
	case *Window:
		return liftProject(n, normalise(n.Input))
	case *Aggregate:
		return sliceAggregate(mergeAggregate(n, normalise(n.Input)))
	default:
		return n
	}
}

func foldColumns(columns []Column) []Column {
	out := make([]Column, len(columns))
	for i, c := range columns {
		out[i] = Column{Name: c.Name, Expr: fold(c.Expr)}
	}
	return out
}

// conjuncts splits a predicate at AND, and leaves out what is always TRUE. The order stays, so that a condition that
// guards the next one still does.
func conjuncts(n expr.Node, list []expr.Node) []expr.Node {
	switch {
	case n.Call != nil && n.Call.Function == "AND":
		for _, a := range n.Call.Args {
			list = conjuncts(a, list)
		}
		return list
	case n.Literal != nil && n.Literal.Bool != nil && *n.Literal.Bool:
		return list
	default:
		return append(list, n)
	}
}
