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

// Window adds window_start and window_end of the window that a row's time falls into, and drops late rows.
type Window struct {
	Input Node
	Kind  WindowKind
	// Time is the position of the event-time column.
	Time int
	// SizeMicros is above 0; OffsetMicros shifts the alignment from the epoch and lies in [0, size).
	SizeMicros, OffsetMicros int64
}

// Schema is the input's, then window_start and window_end.
func (w *Window) Schema() types.Schema {
	return types.Schema{Columns: append(slices.Clip(w.Input.Schema().Columns),
		types.Column{Name: windowStart, Kind: types.Timestamp}, types.Column{Name: windowEnd, Kind: types.Timestamp})}
}

func (*Window) node() {}
