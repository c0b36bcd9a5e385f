package logical

import "github.com/millrace/millrace/runtime/expr"

// mergeProject puts a projection over a chain in normal form: into the projection below when there is one and nothing
// would be computed twice, and away when it changes nothing.
func mergeProject(columns []Column, input Node) Node {
	if below, ok := input.(*Project); ok && usedOnce(columns, below.Columns) {
		if merged, ok := substituted(columns, exprs(below.Columns)); ok {
			return mergeProject(merged, below.Input)
		}
	}
	if identity(columns, len(input.Schema().Columns)) {
		return input
	}
	return &Project{Input: input, Columns: columns}
}

// substituted puts expressions in place of what each column reads.
func substituted(columns []Column, below []expr.Node) ([]Column, bool) {
	out := make([]Column, len(columns))
	for i, c := range columns {
		n, ok := substitute(c.Expr, below)
		if !ok {
			return nil, false
		}
		out[i] = Column{Name: c.Name, Expr: fold(n)}
	}
	return out, true
}

// usedOnce says whether columns read each computed column of below at most once.
func usedOnce(columns, below []Column) bool {
	uses := make([]int, len(below))
	for _, c := range columns {
		columnsOf(c.Expr, func(i int) { uses[i]++ })
	}
	for i, n := range uses {
		if n > 1 && below[i].Expr.Call != nil {
			return false
		}
	}
	return true
}

// identity says whether a projection passes all n columns of its input on in their order.
func identity(columns []Column, n int) bool {
	if len(columns) != n {
		return false
	}
	for i, c := range columns {
		if c.Expr.Column == nil || c.Expr.Column.Index != i {
			return false
		}
	}
	return true
}

// liftProject puts a window over a chain in normal form. A projection there goes above the window, so that filters
// reach the scan and the aggregate's expressions are over the table's own columns.
func liftProject(w *Window, input Node) Node {
	out := *w
	p, ok := input.(*Project)
	if !ok || p.Columns[w.Time].Expr.Column == nil {
		out.Input = input
		return &out
	}
	out.Input, out.Time = p.Input, p.Columns[w.Time].Expr.Column.Index
	s := out.Schema()
	n := len(s.Columns)
	columns := append([]Column{}, p.Columns...)
	columns = append(columns, Column{Name: s.Columns[n-2].Name, Expr: read(s, n-2)}, Column{Name: s.Columns[n-1].Name, Expr: read(s, n-1)})
	return &Project{Input: &out, Columns: columns}
}

// mergeAggregate puts an aggregate over a chain in normal form, taking the expressions of a projection into its own.
func mergeAggregate(a *Aggregate, input Node) *Aggregate {
	out := *a
	out.Input, out.Keys = input, foldColumns(a.Keys)
	out.Calls = foldCalls(a.Calls)
	p, ok := input.(*Project)
	if !ok {
		return &out
	}
	keys, ok := substituted(out.Keys, exprs(p.Columns))
	if !ok {
		return &out
	}
	calls, ok := substitutedCalls(out.Calls, exprs(p.Columns))
	if !ok {
		return &out
	}
	out.Input, out.Keys, out.Calls = p.Input, keys, calls
	return &out
}

func foldCalls(calls []Call) []Call {
	out := make([]Call, len(calls))
	for i, c := range calls {
		c.Argument, c.Filter = foldOptional(c.Argument), foldOptional(c.Filter)
		out[i] = c
	}
	return out
}

func foldOptional(n *expr.Node) *expr.Node {
	if n == nil {
		return nil
	}
	folded := fold(*n)
	return &folded
}

func substitutedCalls(calls []Call, below []expr.Node) ([]Call, bool) {
	out := make([]Call, len(calls))
	for i, c := range calls {
		for _, n := range []**expr.Node{&c.Argument, &c.Filter} {
			if *n == nil {
				continue
			}
			s, ok := substitute(**n, below)
			if !ok {
				return nil, false
			}
			s = fold(s)
			*n = &s
		}
		out[i] = c
	}
	return out, true
}
