package compile

import (
	"slices"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// The columns of sessions that are nobody's expression. A blank keeps them apart from what columns are called.
const (
	sentTime      = "row time"
	sentNotBefore = "not before"
	sentStart     = "window_start"
	sentEnd       = "window_end"
)

// sessions returns the columns that the exchange of sessions carries: keys, the row's time, its partition's watermark,
// and arguments; the operator over them; and what brings its output into the order of the aggregate's columns.
func sessions(n *logical.Aggregate, w *logical.Window) (sent []logical.Column, op *physical.Session, behind []logical.Column) {
	op = &physical.Session{GapMicros: w.SizeMicros}
	place := make([]int, len(n.Keys)) // of each key in the output
	for i, k := range n.Keys {
		if slices.Contains(n.Windowed, i) {
			continue
		}
		place[i] = len(sent)
		op.Keys = append(op.Keys, len(sent))
		op.Schema.Columns = append(op.Schema.Columns, types.Column{Name: k.Expr.String(), Kind: k.Expr.Kind})
		sent = append(sent, logical.Column{Name: k.Expr.String(), Expr: k.Expr})
	}
	keys := len(sent)
	op.Schema.Columns = append(op.Schema.Columns, types.Column{Name: sentStart, Kind: types.Timestamp}, types.Column{Name: sentEnd, Kind: types.Timestamp})
	op.Time, op.NotBefore = keys, keys+1
	sent = append(sent, logical.Column{Name: sentTime, Expr: n.Keys[n.Session.Start].Expr}, logical.Column{Name: sentNotBefore, Expr: n.Keys[n.Session.End].Expr})
	argument := func(e *expr.Node) int {
		if e == nil {
			return -1
		}
		text := e.String()
		for i, c := range sent {
			if c.Name == text && c.Expr.Kind == e.Kind && i != op.Time && i != op.NotBefore {
				return i
			}
		}
		sent = append(sent, logical.Column{Name: text, Expr: *e})
		return len(sent) - 1
	}
	for _, c := range n.Calls {
		call := physical.AggregateCall{Function: physical.AggregateFunction(c.Function), Argument: argument(c.Argument), Filter: argument(c.Filter), Kind: c.Kind}
		op.Calls = append(op.Calls, call)
		op.Schema.Columns = append(op.Schema.Columns, types.Column{Name: c.String(), Kind: c.Kind})
	}
	return sent, op, sessionColumns(n, op, place)
}

// sessionColumns gives the aggregate's columns from the operator's: its keys, of which those of the window are computed
// from the session's bounds, and its calls. It is nil where they are the same.
func sessionColumns(n *logical.Aggregate, op *physical.Session, place []int) []logical.Column {
	keys := len(op.Keys)
	read := func(at int) expr.Node {
		c := op.Schema.Columns[at]
		return expr.Node{Kind: c.Kind, Column: &expr.Column{Index: at, Name: c.Name}}
	}
	var columns []logical.Column
	same := true
	add := func(name string, e expr.Node) {
		same = same && e.Column != nil && e.Column.Index == len(columns)
		columns = append(columns, logical.Column{Name: name, Expr: e})
	}
	for i, k := range n.Keys {
		switch {
		case i == n.Session.Start:
			add(k.Name, read(keys))
		case i == n.Session.End:
			add(k.Name, read(keys+1))
		case slices.Contains(n.Windowed, i):
			add(k.Name, windowTime(read(keys+1)))
		default:
			add(k.Name, read(place[i]))
		}
	}
	for i, c := range n.Calls {
		add(c.Name, read(keys+2+i))
	}
	if same && len(columns) == len(op.Schema.Columns) {
		return nil
	}
	return columns
}

// windowTime is the microsecond before a window's end.
func windowTime(end expr.Node) expr.Node {
	micros := int64(1)
	one := expr.Node{Kind: types.Interval, Literal: &expr.Literal{Int64: &micros}}
	return expr.Node{Kind: types.Timestamp, Call: &expr.Call{Function: "-", Args: []expr.Node{end, one}}}
}
