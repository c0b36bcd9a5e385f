package logical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/types"
)

// Aggregate groups the rows of a window. Its output is the keys in order, then the calls in order.
type Aggregate struct {
	Input Node
	// Keys are the grouping expressions.
	Keys []Column
	// WindowEnd is the position in Keys of the window's end: the groups of a window are complete when time passes it.
	WindowEnd int
	// Windowed are the positions in Keys of all columns that the window alone determines, WindowEnd among them.
	Windowed []int
	Calls    []Call
	// Sliced says that the rows below are in slices: the window's keys read first_end and last_end and stand for the end
	// and the start of each window from the first to the last.
	Sliced bool
	// Session says that the groups are sessions, of which the keys of window columns are known only then; else it is nil.
	Session *SessionKeys
}

// SessionKeys are the positions in Keys of a session's start and end. They read what the rows have in their place, the
// row's time and its partition's watermark; further keys of Windowed stand for window_time.
type SessionKeys struct{ Start, End int }

// Call is one aggregate function.
type Call struct {
	// Name is the output column's.
	Name     string
	Function Function
	// Argument is nil for COUNT(*).
	Argument *expr.Node
	// Filter is a BOOLEAN that must be TRUE for a row to count, or nil.
	Filter *expr.Node
	// Kind is the type of the result.
	Kind types.Kind
}

// Schema lists keys, then calls.
func (a *Aggregate) Schema() types.Schema {
	s := schemaOf(a.Keys)
	for _, c := range a.Calls {
		s.Columns = append(s.Columns, types.Column{Name: c.Name, Kind: c.Kind})
	}
	return s
}

func (*Aggregate) node() {}
