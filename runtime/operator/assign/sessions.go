package assign

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

// Sessions appends what a session must know of a row (two TIMESTAMPs): its time, and the watermark of its own partition
// just before it where that is above the time, else the lowest number. It drops the rows that are late, of which nothing
// is left: their time plus the gap is not above that watermark. Of rows without a RowWatermark none is late.
type Sessions struct {
	config SessionConfig
	late   operator.LateRows
	bad    operator.BadRows

	out          batch.Batch
	time, before batch.Vector
	selection    []int32
	lateRows     int
	lateness     int64
}

// NewSessions returns the operator; late rows are reported to late once a batch, rows without a time to bad.
func NewSessions(c SessionConfig, late operator.LateRows, bad operator.BadRows) (*Sessions, error) {
	if c.Time < 0 || c.GapMicros <= 0 {
		return nil, fault.New(fault.Bug, fault.Place{}, "sessions %+v", c)
	}
	return &Sessions{config: c, late: late, bad: bad}, nil
}

// Push appends the columns to the selected rows of b.
func (s *Sessions) Push(b *batch.Batch, out operator.Output) error {
	if s.config.Time >= len(b.Columns) || b.Columns[s.config.Time].Kind != types.Timestamp {
		return fault.New(fault.Bug, fault.Place{}, "column %d of the batch is no TIMESTAMP", s.config.Time)
	}
	s.time.Resize(types.Timestamp, b.Length)
	s.before.Resize(types.Timestamp, b.Length)
	s.selection, s.lateRows, s.lateness = s.selection[:0], 0, 0
	if err := s.choose(b); err != nil {
		return err
	}
	if s.lateRows > 0 {
		s.late.Late(s.lateRows, s.lateness)
	}
	if len(s.selection) == 0 {
		return nil
	}
	columns := append(s.out.Columns[:0], b.Columns...)
	s.out = *b
	s.out.Columns = append(columns, s.time, s.before)
	if len(s.selection) < b.Selected() {
		s.out.Selection = s.selection
	}
	return out.Push(&s.out)
}

// Advance has nothing to emit.
func (s *Sessions) Advance(types.Watermark, operator.Output) error { return nil }

// choose writes the columns and lists the rows that stay.
func (s *Sessions) choose(b *batch.Batch) error {
	times := &b.Columns[s.config.Time]
	hasWatermark := len(b.RowWatermark) > 0
	last := math.MaxInt64 - 1 - s.config.GapMicros // a session's end is below the end of all input
	for n := range b.Selected() {
		i := n
		if b.Selection != nil {
			i = int(b.Selection[n])
		}
		t := times.Int64[i]
		if times.IsNull(i) || t > last {
			if err := s.bad.Bad(b, i, problem(times, i)); err != nil {
				return err
			}
			continue
		}
		before := int64(math.MinInt64)
		if hasWatermark && int64(b.RowWatermark[i]) > t {
			before = int64(b.RowWatermark[i])
			if t+s.config.GapMicros <= before {
				s.lateRows++
				s.lateness = max(s.lateness, behind(before, t))
				continue
			}
		}
		s.time.Int64[i], s.before.Int64[i] = t, before
		s.selection = append(s.selection, int32(i))
	}
	return nil
}

// problem says why a row has no windows.
func problem(times *batch.Vector, i int) error {
	if times.IsNull(i) {
		return fault.New(fault.Data, fault.Place{}, "the event time is NULL").
			Do("filter such rows out in a query of its own, or skip bad rows")
	}
	return fault.New(fault.Data, fault.Place{}, "an event time of %d µs is out of the range of windows", times.Int64[i])
}
