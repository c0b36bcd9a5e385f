package assign

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// Assigner appends the columns of the rows' windows (two TIMESTAMPs) and drops late rows. Of rows without a
// RowWatermark, behind an exchange, none is late.
type Assigner struct {
	shape  window.Shape
	slices bool
	// single says that each row has one window, so that rows stay where they are.
	single bool
	time   int
	late   operator.LateRows
	bad    operator.BadRows

	// run is the windows of the last row: most rows share their neighbour's. Its slice is empty at first.
	run window.Run

	out           batch.Batch
	first, second batch.Vector
	selection     []int32
	lateRows      int
	lateness      int64
	wide          expansion
}

// New returns an assigner; late rows are reported to late once a batch, rows without a time to bad.
func New(c Config, late operator.LateRows, bad operator.BadRows) (*Assigner, error) {
	if !c.Shape.Valid() || c.Time < 0 {
		return nil, fault.New(fault.Bug, fault.Place{}, "windows %+v on column %d", c.Shape, c.Time)
	}
	single := c.Slices || !c.Shape.Cumulate && c.Shape.SizeMicros == c.Shape.StepMicros
	return &Assigner{shape: c.Shape, slices: c.Slices, single: single, time: c.Time, late: late, bad: bad}, nil
}

// Push assigns the selected rows of b.
func (a *Assigner) Push(b *batch.Batch, out operator.Output) error {
	if a.time >= len(b.Columns) || b.Columns[a.time].Kind != types.Timestamp {
		return fault.New(fault.Bug, fault.Place{}, "column %d of the batch is no TIMESTAMP", a.time)
	}
	a.selection, a.lateRows, a.lateness = a.selection[:0], 0, 0
	a.first.Resize(types.Timestamp, b.Length)
	a.second.Resize(types.Timestamp, b.Length)
	if err := a.assign(b, a.first.Int64, a.second.Int64); err != nil {
		return err
	}
	if a.lateRows > 0 {
		a.late.Late(a.lateRows, a.lateness)
	}
	if len(a.selection) == 0 {
		return nil
	}
	if !a.single {
		return a.expand(b, out)
	}
	columns := append(a.out.Columns[:0], b.Columns...)
	a.out = *b
	a.out.Columns = append(columns, a.first, a.second)
	if len(a.selection) < b.Selected() {
		a.out.Selection = a.selection
	}
	return out.Push(&a.out)
}

// Advance has nothing to emit.
func (a *Assigner) Advance(types.Watermark, operator.Output) error { return nil }

// assign writes the runs of the selected rows, or the only window's bounds, and lists the rows that stay.
func (a *Assigner) assign(b *batch.Batch, first, second []int64) error {
	times := &b.Columns[a.time]
	hasWatermark := len(b.RowWatermark) > 0
	bounds := a.single && !a.slices
	for n := range b.Selected() {
		i := n
		if b.Selection != nil {
			i = int(b.Selection[n])
		}
		t := times.Int64[i]
		if times.IsNull(i) || t < a.run.From || t >= a.run.To {
			if problem := a.move(times, i); problem != nil {
				if err := a.bad.Bad(b, i, problem); err != nil {
					return err
				}
				continue
			}
		}
		r := a.run
		if hasWatermark && r.First <= int64(b.RowWatermark[i]) {
			r = a.after(int64(b.RowWatermark[i]), t)
		}
		if r.First > r.Last {
			continue
		}
		first[i], second[i] = r.First, r.Last
		if bounds {
			first[i] = r.From
		}
		a.selection = append(a.selection, int32(i))
	}
	return nil
}

// after returns the windows of the last row's time t that end after its watermark, and counts it as late if none of them
// is left.
func (a *Assigner) after(watermark, t int64) window.Run {
	r, ok := a.run.After(watermark, a.shape.StepMicros)
	if ok {
		return r
	}
	if a.run.First <= a.run.Last { // else there was none to begin with
		a.lateRows++
		a.lateness = max(a.lateness, behind(watermark, t))
	}
	return window.Run{First: 1}
}

// move finds the windows of a row that is not in the last one's slice.
func (a *Assigner) move(times *batch.Vector, i int) error {
	if times.IsNull(i) {
		return problem(times, i)
	}
	run, ok := a.shape.At(times.Int64[i])
	if !ok {
		return problem(times, i)
	}
	a.run = run
	return nil
}

// behind returns how far t is behind a watermark, at most the largest number.
func behind(watermark, t int64) int64 {
	if d := watermark - t; d >= 0 {
		return d
	}
	return math.MaxInt64
}
