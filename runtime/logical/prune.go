package logical

import "slices"

// gone stands for a column that nothing reads any more.
const gone = -1

// prune leaves out every column that nothing above it reads, down to the scan.
func prune(n Node) Node {
	need := make([]bool, len(n.Schema().Columns))
	for i := range need {
		need[i] = true
	}
	out, _ := pruneTo(n, need)
	return out
}

// pruneTo returns a node that gives at least the needed columns, and where each column of the old one is in it.
func pruneTo(n Node, need []bool) (Node, []int) {
	switch n := n.(type) {
	case *Scan:
		return pruneScan(n, need)
	case *Filter:
		columnsOf(n.Predicate, func(i int) { need[i] = true })
		input, at := pruneTo(n.Input, need)
		return &Filter{Input: input, Predicate: remap(n.Predicate, at)}, at
	case *Project:
		return pruneProject(n, need)
	case *Window:
		return pruneWindow(n, need)
	case *Aggregate:
		return pruneAggregate(n, need)
	default:
		return n, nil
	}
}

func pruneScan(n *Scan, need []bool) (Node, []int) {
	out, at := &Scan{Table: n.Table}, make([]int, len(need))
	for i, c := range n.Columns {
		at[i] = gone
		if need[i] {
			at[i] = len(out.Columns)
			out.Columns = append(out.Columns, c)
		}
	}
	return out, at
}

func pruneProject(n *Project, need []bool) (Node, []int) {
	below := make([]bool, len(n.Input.Schema().Columns))
	at := make([]int, len(need))
	var kept []Column
	for i, c := range n.Columns {
		at[i] = gone
		if need[i] {
			at[i] = len(kept)
			kept = append(kept, c)
			columnsOf(c.Expr, func(j int) { below[j] = true })
		}
	}
	input, moved := pruneTo(n.Input, below)
	out := &Project{Input: input, Columns: make([]Column, len(kept))}
	for i, c := range kept {
		out.Columns[i] = Column{Name: c.Name, Expr: remap(c.Expr, moved)}
	}
	return out, at
}

func pruneWindow(n *Window, need []bool) (Node, []int) {
	width := len(n.Input.Schema().Columns)
	below := append([]bool{}, need[:width]...)
	below[n.Time] = true
	input, at := pruneTo(n.Input, below)
	out := *n
	out.Input, out.Time = input, at[n.Time]
	width = len(input.Schema().Columns)
	return &out, append(slices.Clip(at), width, width+1)
}

func pruneAggregate(n *Aggregate, need []bool) (Node, []int) {
	below := make([]bool, len(n.Input.Schema().Columns))
	mark := func(i int) { below[i] = true }
	at := make([]int, len(need))
	for i, k := range n.Keys {
		at[i] = i
		columnsOf(k.Expr, mark)
	}
	var kept []Call
	for i, c := range n.Calls {
		at[len(n.Keys)+i] = gone
		if !need[len(n.Keys)+i] {
			continue
		}
		at[len(n.Keys)+i] = len(n.Keys) + len(kept)
		kept = append(kept, c)
		if c.Argument != nil {
			columnsOf(*c.Argument, mark)
		}
		if c.Filter != nil {
			columnsOf(*c.Filter, mark)
		}
	}
	out := *n
	var moved []int
	out.Input, moved = pruneTo(n.Input, below)
	out.Keys = make([]Column, len(n.Keys))
	for i, k := range n.Keys {
		out.Keys[i] = Column{Name: k.Name, Expr: remap(k.Expr, moved)}
	}
	out.Calls = make([]Call, len(kept))
	for i, c := range kept {
		c.Argument, c.Filter = remapOptional(c.Argument, moved), remapOptional(c.Filter, moved)
		out.Calls[i] = c
	}
	return &out, at
}
