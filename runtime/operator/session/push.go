package session

import (
	"hash/maphash"
	"math"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/operator"
)

// Push adds the selected rows of b to their sessions.
func (s *Session) Push(b *batch.Batch, _ operator.Output) error {
	if len(b.Columns) != len(s.config.Input) {
		return fault.New(fault.Bug, fault.Place{}, "a batch of %d columns for sessions of %d", len(b.Columns), len(s.config.Input))
	}
	if err := s.choose(b); err != nil {
		return err
	}
	n := len(s.run.Index)
	if n == 0 {
		return nil
	}
	if !s.table.reserve(n) {
		return fault.New(fault.Transient, fault.Place{}, "there are too many sessions for their memory").Do("commit more often")
	}
	s.hash(b)
	s.touchSum += s.table.touchKeys(s.hashes)
	s.added = 0
	if err := s.joinAll(b); err != nil {
		return err
	}
	return s.shrink()
}

// choose makes the run of the rows that are not late.
func (s *Session) choose(b *batch.Batch) error {
	times, before := &b.Columns[s.config.Time], &b.Columns[s.config.NotBefore]
	if len(times.Null) > 0 || len(before.Null) > 0 {
		for row := range b.Length {
			if times.IsNull(row) || before.IsNull(row) {
				return fault.New(fault.Bug, fault.Place{}, "a row without a time")
			}
		}
	}
	s.run.Reset()
	lateRows, lateness := 0, int64(0)
	last, reach := int64(math.MaxInt64)-1-s.config.GapMicros, int64(s.watermark)
	for n := range b.Selected() {
		i := n
		if b.Selection != nil {
			i = int(b.Selection[n])
		}
		t := times.Int64[i]
		if t > last {
			return fault.New(fault.Bug, fault.Place{}, "a time of %d µs, to which no gap can be added", t)
		}
		if t+s.config.GapMicros <= reach {
			lateRows++
			lateness = max(lateness, distance(reach, t))
			continue
		}
		s.run.Index = append(s.run.Index, int32(i))
		s.run.Entries = append(s.run.Entries, 0)
	}
	if lateRows > 0 {
		s.late.Late(lateRows, lateness)
	}
	return nil
}

// distance returns how far t is behind a watermark, at most the largest number.
func distance(watermark, t int64) int64 {
	if d := watermark - t; d >= 0 {
		return d
	}
	return math.MaxInt64
}

// hash fills in the run's hashes, and the encoded keys where they are no integers.
func (s *Session) hash(b *batch.Batch) {
	s.hashes = s.hashes[:0]
	if s.intKey >= 0 {
		v := &b.Columns[s.intKey]
		for _, i := range s.run.Index {
			key := uint64(v.Int64[i]) //nolint:gosec // bits
			if v.IsNull(int(i)) {
				key = 0
			}
			s.hashes = append(s.hashes, kernel.Hash64(key, s.intSeed))
		}
		return
	}
	s.keys, s.keyEnds = s.keys[:0], s.keyEnds[:0]
	for _, i := range s.run.Index {
		from := len(s.keys)
		s.keys = batch.AppendKey(s.keys, b.Columns, s.config.Keys, int(i))
		s.keyEnds = append(s.keyEnds, len(s.keys))
		s.hashes = append(s.hashes, maphash.Bytes(s.seed, s.keys[from:]))
	}
}

// joinAll finds the sessions of the run's rows and then adds the rows, one function after the other.
func (s *Session) joinAll(b *batch.Batch) error {
	for n := range s.run.Index {
		if err := s.join(b, n); err != nil {
			return err
		}
	}
	s.addUpTo(b, len(s.run.Index))
	return nil
}

// addUpTo adds the rows before n whose sessions are known.
func (s *Session) addUpTo(b *batch.Batch, n int) {
	s.set.Update(&s.table.Memory, b, accumulator.Rows{Index: s.run.Index[s.added:n], Entries: s.run.Entries[s.added:n]})
	s.added = n
}
