package logical

import (
	"slices"

	"github.com/millrace/millrace/runtime/types"
)

// The columns that a window's table function adds. A Window node gives the first two; window_time is computed from window_end above it.
const (
	windowStart = "window_start"
	windowEnd   = "window_end"
	windowTime  = "window_time"
)

// The columns that take the place of a window's when its rows are in slices.
const (
	firstEnd = "first_end"
	lastEnd  = "last_end"
)

// What a Window node of SESSION gives in place of a window's columns: a session is known only when it is over.
const (
	rowTime   = "row_time"
	notBefore = "not_before"
)

// Window adds window_start and window_end of the window that a row's time falls into, and drops late rows. A row of
// several windows becomes a row for each, unless Slices is set.
type Window struct {
	Input Node
	Kind  WindowKind
	// Time is the position of the event-time column.
	Time int
	// SizeMicros is above 0, the length of a window, of the longest of CUMULATE, and the gap of SESSION. StepMicros is HOP's slide and the
	// step of CUMULATE, else 0.
	SizeMicros, StepMicros int64
	// OffsetMicros shifts the alignment from the epoch and lies in [0, Period).
	OffsetMicros int64
	// Slices keeps a row one row: the columns are the ends of the first and the last window that it counts in.
	Slices bool
}

// Period is the distance between the starts of windows.
func (w *Window) Period() int64 {
	if w.Kind == Hop {
		return w.StepMicros
	}
	return w.SizeMicros
}

// Schema is the input's, then window_start and window_end.
func (w *Window) Schema() types.Schema {
	names := [2]string{windowStart, windowEnd}
	switch {
	case w.Kind == Session:
		names = [2]string{rowTime, notBefore}
	case w.Slices:
		names = [2]string{firstEnd, lastEnd}
	}
	return types.Schema{Columns: append(slices.Clip(w.Input.Schema().Columns),
		types.Column{Name: names[0], Kind: types.Timestamp}, types.Column{Name: names[1], Kind: types.Timestamp})}
}

func (*Window) node() {}
