package logical

import (
	"fmt"
	"strings"
)

// String prints a program for people and golden files: an INSERT a paragraph, from the sink down to the scan.
func (p *Program) String() string {
	var b strings.Builder
	for _, in := range p.Inserts {
		fmt.Fprintf(&b, "Insert %s\n", in.Table.Name)
		for n := in.Input; n != nil; n = Input(n) {
			b.WriteString("  " + describe(n) + "\n")
		}
	}
	return b.String()
}

// describe prints one step on one line.
func describe(n Node) string {
	switch n := n.(type) {
	case *Scan:
		names := make([]string, len(n.Columns))
		for i, c := range n.Schema().Columns {
			names[i] = c.Name
		}
		return "Scan " + n.Table.Name + " [" + strings.Join(names, ", ") + "]"
	case *Filter:
		return "Filter " + n.Predicate.String()
	case *Project:
		return "Project " + columnList(n.Columns)
	case *Window:
		return n.describe()
	case *Aggregate:
		calls := make([]string, len(n.Calls))
		for i, c := range n.Calls {
			calls[i] = c.String()
		}
		s := "Aggregate " + columnList(n.Keys) + " [" + strings.Join(calls, ", ") + "]"
		if n.Sliced {
			s += " of slices"
		}
		if n.Session != nil {
			s += " of sessions"
		}
		return s
	default:
		return fmt.Sprintf("%T", n)
	}
}

func (w *Window) describe() string {
	if w.Kind == Session {
		return fmt.Sprintf("Window %s session gap=%dus", w.Input.Schema().Columns[w.Time].Name, w.SizeMicros)
	}
	s := fmt.Sprintf("Window %s size=%dus offset=%dus", w.Input.Schema().Columns[w.Time].Name, w.SizeMicros, w.OffsetMicros)
	if w.Kind != Tumble {
		s += " " + strings.ToLower(string(w.Kind))
	}
	if w.StepMicros > 0 {
		s += fmt.Sprintf(" step=%dus", w.StepMicros)
	}
	if w.Slices {
		s += " slices"
	}
	return s
}

func columnList(columns []Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Expr.String()
		if list[i] != c.Name {
			list[i] += " AS " + c.Name
		}
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// String prints the call as SQL would write it.
func (c Call) String() string {
	s := string(c.Function) + "(*)"
	if c.Argument != nil {
		s = string(c.Function) + "(" + c.Argument.String() + ")"
	}
	if c.Filter != nil {
		s += " FILTER (WHERE " + c.Filter.String() + ")"
	}
	return s
}
