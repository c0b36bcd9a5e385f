package logical

import (
	"slices"

	"github.com/millrace/millrace/runtime/spec"
)

// ScanOf returns the scan at the bottom of a chain.
func ScanOf(n Node) *Scan {
	for {
		if s, ok := n.(*Scan); ok {
			return s
		}
		below := Input(n)
		if below == nil {
			return nil
		}
		n = below
	}
}

// Widen returns the chain over another scan of the same topic, which reads, found by their names, at least the columns
// that the chain's own scan reads: so chains over one topic share one scan. The chain's result stays as it was.
func Widen(n Node, table *spec.Table, columns []int) Node {
	old := n.Schema()
	out, at := widen(n, &Scan{Table: table, Columns: columns})
	if width := len(out.Schema().Columns); width == len(at) && isSequence(at) {
		return out
	}
	p := &Project{Input: out}
	for i, c := range old.Columns {
		p.Columns = append(p.Columns, Column{Name: c.Name, Expr: read(out.Schema(), at[i])})
	}
	return p
}

func isSequence(at []int) bool {
	for i, p := range at {
		if p != i {
			return false
		}
	}
	return true
}

// widen returns the wider node and where each column of the old one is in it.
func widen(n Node, scan *Scan) (Node, []int) {
	switch n := n.(type) {
	case *Scan:
		at := make([]int, len(n.Columns))
		for i, c := range n.Columns {
			at[i] = slices.Index(scan.Columns, scan.Table.Schema.Index(n.Table.Schema.Columns[c].Name))
		}
		return scan, at
	case *Filter:
		input, at := widen(n.Input, scan)
		return &Filter{Input: input, Predicate: remap(n.Predicate, at)}, at
	case *Project:
		input, at := widen(n.Input, scan)
		out := &Project{Input: input, Columns: make([]Column, len(n.Columns))}
		for i, c := range n.Columns {
			out.Columns[i] = Column{Name: c.Name, Expr: remap(c.Expr, at)}
		}
		return out, sequence(len(n.Columns))
	case *Window:
		out := *n
		input, at := widen(n.Input, scan)
		out.Input, out.Time = input, at[n.Time]
		width := len(input.Schema().Columns)
		return &out, append(slices.Clip(at), width, width+1)
	case *Aggregate:
		out := *n
		input, at := widen(n.Input, scan)
		out.Input = input
		out.Keys = make([]Column, len(n.Keys))
		for i, k := range n.Keys {
			out.Keys[i] = Column{Name: k.Name, Expr: remap(k.Expr, at)}
		}
		out.Calls = make([]Call, len(n.Calls))
		for i, c := range n.Calls {
			c.Argument, c.Filter = remapOptional(c.Argument, at), remapOptional(c.Filter, at)
			out.Calls[i] = c
		}
		return &out, sequence(len(n.Schema().Columns))
	default:
		return n, nil
	}
}

func sequence(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}
