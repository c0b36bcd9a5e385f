package assign

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// Assigner appends the columns window_start and window_end (TIMESTAMP) and drops late rows. Of rows without a
// RowWatermark, behind an exchange, none is late.
type Assigner struct {
	window window.Tumbling
	time   int
	late   operator.LateRows
	bad    operator.BadRows

	// start and end are the window of the last row: most rows share their neighbour's. Empty at first.
	start, end int64

	out          batch.Batch
	starts, ends batch.Vector
	selection    []int32
	lateRows     int
	lateness     int64
}

// New returns an assigner; late rows are reported to late once a batch, rows without a time to bad.
func New(c Config, late operator.LateRows, bad operator.BadRows) (*Assigner, error) {
	w := window.Tumbling{SizeMicros: c.SizeMicros, OffsetMicros: c.OffsetMicros}
	if !w.Valid() || c.Time < 0 {
		return nil, fault.New(fault.Bug, fault.Place{}, "a window of %d µs at offset %d on column %d", c.SizeMicros, c.OffsetMicros, c.Time)
	}
	return &Assigner{window: w, time: c.Time, late: late, bad: bad}, nil
}

// Push assigns the selected rows of b.
func (a *Assigner) Push(b *batch.Batch, out operator.Output) error {
	if a.time >= len(b.Columns) || b.Columns[a.time].Kind != types.Timestamp {
		return fault.New(fault.Bug, fault.Place{}, "column %d of the batch is no TIMESTAMP", a.time)
	}
	a.starts.Resize(types.Timestamp, b.Length)
	a.ends.Resize(types.Timestamp, b.Length)
	columns := append(a.out.Columns[:0], b.Columns...)
	a.out = *b
	a.out.Columns = append(columns, a.starts, a.ends)
	a.selection, a.lateRows, a.lateness = a.selection[:0], 0, 0
	if err := a.assign(b, a.starts.Int64, a.ends.Int64); err != nil {
		return err
	}
	if a.lateRows > 0 {
		a.late.Late(a.lateRows, a.lateness)
	}
	if len(a.selection) == 0 {
		return nil
	}
	if len(a.selection) < b.Selected() {
		a.out.Selection = a.selection
	}
	return out.Push(&a.out)
}

// Advance has nothing to emit.
func (a *Assigner) Advance(types.Watermark, operator.Output) error { return nil }

// assign writes the windows of the selected rows and lists those that stay.
func (a *Assigner) assign(b *batch.Batch, starts, ends []int64) error {
	times := &b.Columns[a.time]
	hasWatermark := len(b.RowWatermark) > 0
	for n := range b.Selected() {
		i := n
		if b.Selection != nil {
			i = int(b.Selection[n])
		}
		t := times.Int64[i]
		if times.IsNull(i) || t < a.start || t >= a.end {
			if problem := a.move(times, i); problem != nil {
				if err := a.bad.Bad(b, i, problem); err != nil {
					return err
				}
				continue
			}
		}
		starts[i], ends[i] = a.start, a.end
		if hasWatermark && a.end <= int64(b.RowWatermark[i]) {
			a.lateRows++
			a.lateness = max(a.lateness, behind(int64(b.RowWatermark[i]), t))
			continue
		}
		a.selection = append(a.selection, int32(i))
	}
	return nil
}

// move finds the window of a row that is not in the last one's.
func (a *Assigner) move(times *batch.Vector, i int) error {
	if times.IsNull(i) {
		return fault.New(fault.Data, fault.Place{}, "the event time is NULL").
			Do("filter such rows out in a query of its own, or skip bad rows")
	}
	start, end, ok := a.window.At(times.Int64[i])
	if !ok {
		return fault.New(fault.Data, fault.Place{}, "an event time of %d µs is out of the range of windows", times.Int64[i])
	}
	a.start, a.end = start, end
	return nil
}

// behind returns how far t is behind a watermark, at most the largest number.
func behind(watermark, t int64) int64 {
	if d := watermark - t; d >= 0 {
		return d
	}
	return math.MaxInt64
}
