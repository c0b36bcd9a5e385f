package logical

import "github.com/millrace/millrace/runtime/expr"

// sliceAggregate lets an aggregate over overlapping windows take each row once, in its slice, instead of once for every
// window that it is in:
//
//	Aggregate [k, HOUR(window_end)]          Project [k, HOUR(window_end)]
//	Filter window_start > x            ─►    Filter window_start > x
//	Window HOP                               Aggregate [k, window_end, window_start] of slices
//	                                         Window HOP slices
//
// That needs every expression to be one over the rows or one over the window, not over both; what mixes them stays as
// it is, with a row for each window.
func sliceAggregate(a *Aggregate) Node {
	s := slicer{}
	if !s.below(a.Input) || !s.takes(a) {
		return a
	}
	return s.rewrite(a)
}

// slicer takes an aggregate and what is below it apart.
type slicer struct {
	window *Window
	// over are the conditions on the window, in their order.
	over []expr.Node
}

// below finds the window, with nothing between it and the aggregate but conditions on the window.
func (s *slicer) below(n Node) bool {
	for {
		switch in := n.(type) {
		case *Filter:
			s.over = append([]expr.Node{in.Predicate}, s.over...)
			n = in.Input
		case *Window:
			s.window = in
			if in.Kind != Hop && in.Kind != Cumulate || in.Slices {
				return false
			}
			for _, p := range s.over {
				if s.side(p) != ofWindow {
					return false
				}
			}
			return true
		default:
			return false
		}
	}
}

// side says what an expression reads.
type side uint8

const (
	ofNothing side = 0
	ofRows    side = 1
	ofWindow  side = 2
)

func (s *slicer) side(n expr.Node) (found side) {
	width := len(s.window.Input.Schema().Columns)
	columnsOf(n, func(i int) {
		if i < width {
			found |= ofRows
		} else {
			found |= ofWindow
		}
	})
	return found
}

// takes says whether the aggregate's expressions are each of one side, and its arguments not of the window.
func (s *slicer) takes(a *Aggregate) bool {
	for _, k := range a.Keys {
		if s.side(k.Expr) == ofRows|ofWindow {
			return false
		}
	}
	for _, c := range a.Calls {
		for _, n := range []*expr.Node{c.Argument, c.Filter} {
			if n != nil && s.side(*n)&ofWindow != 0 {
				return false
			}
		}
	}
	return true
}

// rewrite puts the aggregate over slices, and what is of the window above it.
func (s *slicer) rewrite(a *Aggregate) Node {
	w := *s.window
	w.Slices = true
	width := len(w.Input.Schema().Columns)
	schema := w.Schema()
	out := &Aggregate{Input: &w, Calls: a.Calls, Sliced: true}
	// above[i] is, over the new aggregate's columns, what column i of the rows of a window was.
	above := make([]expr.Node, width+2)
	keys := make([]int, len(a.Keys))
	for i, k := range a.Keys {
		if keys[i] = gone; s.side(k.Expr) != ofWindow {
			keys[i] = len(out.Keys)
			out.Keys = append(out.Keys, k)
		}
	}
	for i, name := range []string{windowEnd, windowStart} {
		at := len(out.Keys)
		out.Windowed = append(out.Windowed, at)
		out.Keys = append(out.Keys, Column{Name: name, Expr: read(schema, width+i)})
		above[width+1-i] = expr.Node{Kind: schema.Columns[width].Kind, Column: &expr.Column{Index: at, Name: name}}
	}
	out.WindowEnd = out.Windowed[0]
	var top Node = out
	for _, p := range s.over {
		moved, _ := substitute(p, above) // columns for columns: it does not grow
		top = &Filter{Input: top, Predicate: moved}
	}
	project := &Project{Input: top}
	for i, k := range a.Keys {
		e := read(out.Schema(), max(keys[i], 0))
		if keys[i] == gone {
			e, _ = substitute(k.Expr, above)
		}
		project.Columns = append(project.Columns, Column{Name: k.Name, Expr: e})
	}
	for i, c := range a.Calls {
		project.Columns = append(project.Columns, Column{Name: c.Name, Expr: read(out.Schema(), len(out.Keys)+i)})
	}
	return project
}
