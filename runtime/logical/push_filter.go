package logical

import (
	"slices"

	"github.com/millrace/millrace/runtime/expr"
)

// pushFilter puts a filter over a chain in normal form, as low as it can stand: below a projection always, below a
// window when it reads no column of the window, below an aggregate when it reads only keys.
func pushFilter(predicate expr.Node, input Node) Node {
	switch in := input.(type) {
	case *Project:
		if p, ok := substitute(predicate, exprs(in.Columns)); ok {
			return &Project{Input: pushFilter(fold(p), in.Input), Columns: in.Columns}
		}
	case *Window:
		if reads(predicate, len(in.Input.Schema().Columns)) {
			w := *in
			w.Input = pushFilter(predicate, in.Input)
			return &w
		}
	case *Aggregate:
		if p, ok := substitute(predicate, aggregateColumns(in)); ok && in.groups(predicate) && !constant(predicate) {
			a := *in
			a.Input = pushFilter(fold(p), in.Input)
			return &a
		}
	case *Scan: // there is no lower
	case *Filter:
		if passes(predicate, in.Input) {
			return &Filter{Input: pushFilter(predicate, in.Input), Predicate: in.Predicate}
		}
	}
	return &Filter{Input: input, Predicate: predicate}
}

// passes says whether a condition goes below the window, or the aggregate of slices, that is under a filter.
func passes(predicate expr.Node, below Node) bool {
	for {
		switch in := below.(type) {
		case *Filter:
			below = in.Input
		case *Window:
			return reads(predicate, len(in.Input.Schema().Columns))
		case *Aggregate:
			return in.Sliced && in.groups(predicate) && !constant(predicate)
		default:
			return false
		}
	}
}

// aggregateColumns lists what stands for the columns of an aggregate below it: the keys' expressions. Calls have
// nothing; who uses the list looks that only keys are read.
func aggregateColumns(a *Aggregate) []expr.Node {
	list := exprs(a.Keys)
	for i := range a.Calls {
		list = append(list, read(a.Schema(), len(a.Keys)+i))
	}
	return list
}

// groups says whether an expression over the aggregate's columns has the same value for all rows that reach a group: it
// reads only keys, and where rows are in slices or sessions none of the window's.
func (a *Aggregate) groups(n expr.Node) bool {
	all, late := true, a.Sliced || a.Session != nil
	columnsOf(n, func(i int) { all = all && i < len(a.Keys) && (!late || !slices.Contains(a.Windowed, i)) })
	return all
}

// reads says whether an expression reads only columns below a position.
func reads(n expr.Node, below int) bool {
	all := true
	columnsOf(n, func(i int) { all = all && i < below })
	return all
}

func constant(n expr.Node) bool { return reads(n, 0) }
