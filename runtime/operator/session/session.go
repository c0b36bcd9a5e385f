package session

import (
	"hash/maphash"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Session is the operator; it is an operator.Stateful.
type Session struct {
	config Config
	set    *accumulator.Set
	intKey int // the only grouping column if that is an integer, else -1
	late   operator.LateRows
	bad    operator.BadRows
	view   *state.View
	seed   maphash.Seed
	// intSeed makes hashes of integers the process's own, as seed does for byte strings.
	intSeed uint64

	table     table
	timers    timers
	spill     spill
	watermark types.Watermark

	// run is the batch's rows with their entries, as far as they are known; the first `added` are added already.
	run    accumulator.Rows
	added  int
	hashes []uint64
	// keys are the run's encoded keys when they are no integers: key n is up to keyEnds[n].
	keys    []byte
	keyEnds []int
	touched []uint32
	// touchSum keeps the loops that only read from being left out.
	touchSum uint64

	key, value, one []byte
	arena           int // the arena's length before the scratch entry was filled
	due             []uint32
	out             batch.Batch
}

// New returns an operator of sessions. Sessions whose SUM overflows go to bad; rows that the task's watermark is
// too far ahead of are counted by late.
func New(c Config, late operator.LateRows, bad operator.BadRows) (*Session, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = defaultMemoryBytes
	}
	s := &Session{config: c, intKey: -1, late: late, bad: bad, seed: maphash.MakeSeed(), watermark: types.NoWatermark}
	s.intSeed = maphash.Bytes(s.seed, nil)
	if len(c.Keys) == 1 && c.Input[c.Keys[0]].Storage() == types.StoreInt64 {
		s.intKey = c.Keys[0]
	}
	var err error
	if s.set, err = accumulator.New(c.Calls, c.Input, firstWord); err != nil {
		return nil, err
	}
	kinds := make([]types.Kind, 0, len(c.Keys)+2+len(c.Calls))
	for _, k := range c.Keys {
		kinds = append(kinds, c.Input[k])
	}
	kinds = append(kinds, types.Timestamp, types.Timestamp)
	for _, call := range c.Calls {
		kinds = append(kinds, call.Kind)
	}
	s.out.Reset(kinds)
	return s, nil
}

// Open takes the view and reads the sessions in it.
func (s *Session) Open(view *state.View) error {
	s.view = view
	if err := view.Bucket([]byte{recordSpace}, 0); err != nil {
		return err
	}
	return s.Reset()
}

// Reset forgets all sessions and the watermark, and reads the sessions in the view.
func (s *Session) Reset() error {
	s.table, s.timers, s.spill = newTable(s.set.Stride()), newTimers(s.config.GapMicros), spill{}
	s.watermark = types.NoWatermark
	s.clearOut()
	return s.restore()
}

// Advance fires the sessions whose end is below w, in the order of their ends, those of one end by key.
func (s *Session) Advance(w types.Watermark, out operator.Output) error {
	if w <= s.watermark {
		return nil
	}
	s.watermark = w
	if err := s.fire(int64(w), out); err != nil {
		return err
	}
	return s.emit(out)
}

// end returns a session's end.
func (s *Session) end(at uint32) int64 { return s.table.last(at) + s.config.GapMicros }
