package session

import (
	"github.com/millrace/millrace/runtime/batch"
)

// row is what a row is to sessions: the interval [from, end], and its time.
type row struct{ time, from, end int64 }

// row returns row n of the run. What is behind the task's watermark, after a partition was idle, counts from there.
func (s *Session) row(b *batch.Batch, n int) row {
	i := s.run.Index[n]
	t := b.Columns[s.config.Time].Int64[i]
	from := max(t, b.Columns[s.config.NotBefore].Int64[i], int64(s.watermark))
	return row{time: t, from: from, end: t + s.config.GapMicros}
}

// join finds the session of row n of the run, makes it or joins several to it, and widens it by the row.
func (s *Session) join(b *batch.Batch, n int) error {
	r := s.row(b, n)
	slot, at := s.find(n, b)
	if at == 0 && s.spill.may(s.hashes[n]) {
		if err := s.recall(n, b); err != nil {
			return err
		}
		slot, at = s.find(n, b)
	}
	t := &s.table
	switch {
	case at == 0 || r.from > s.end(at):
		made := s.begin(b, n, r, at)
		t.point(slot, made)
		t.mark(made)
		s.run.Entries[n] = made
	case r.end >= t.from(at) && (r.from >= t.from(at) || t.next(at) == 0):
		t.mark(at)
		s.widen(at, r)
		s.run.Entries[n] = at
	default:
		t.mark(at)
		s.run.Entries[n] = s.joinOlder(b, n, r, at)
	}
	return nil
}

// joinOlder is join where sessions that are older than the key's newest may take part.
func (s *Session) joinOlder(b *batch.Batch, n int, r row, newest uint32) uint32 {
	t := &s.table
	s.touch(newest, r)
	if len(s.touched) == 0 {
		before := newest
		for t.next(before) != 0 && t.from(t.next(before)) > r.end {
			before = t.next(before)
		}
		made := s.begin(b, n, r, t.next(before))
		t.setNext(before, made)
		return made
	}
	if len(s.touched) > 1 {
		s.addUpTo(b, n)
	}
	into := s.touched[0]
	for _, other := range s.touched[1:] {
		s.absorb(into, other)
	}
	s.widen(into, r)
	return into
}

// find returns the slot of the key of row n, and its newest session.
func (s *Session) find(n int, b *batch.Batch) (slot int, at uint32) {
	if s.intKey < 0 {
		return s.table.findBytes(s.hashes[n], s.keyOf(n))
	}
	v, i := &b.Columns[s.intKey], int(s.run.Index[n])
	if v.IsNull(i) {
		return s.table.findInt(s.hashes[n], 0, tagNull)
	}
	return s.table.findInt(s.hashes[n], uint64(v.Int64[i]), 0) //nolint:gosec // bits
}

// keyOf returns the encoded key of row n of the run, where keys are no integers.
func (s *Session) keyOf(n int) []byte {
	from := 0
	if n > 0 {
		from = s.keyEnds[n-1]
	}
	return s.keys[from:s.keyEnds[n]:s.keyEnds[n]]
}

// touch lists the sessions of a chain that a row's interval touches, newest first.
func (s *Session) touch(newest uint32, r row) {
	s.touched = s.touched[:0]
	for at := newest; at != 0 && r.from <= s.end(at); at = s.table.next(at) {
		if r.end >= s.table.from(at) {
			s.touched = append(s.touched, at)
		}
	}
}

// begin makes the session of a row alone; who calls puts it before `next` in its key's chain.
func (s *Session) begin(b *batch.Batch, n int, r row, next uint32) uint32 {
	t := &s.table
	at := t.alloc()
	w := t.Words[at : at+firstWord : at+firstWord]
	w[tagWord] = s.hashes[n]>>hashShift<<hashShift | tagUsed
	switch {
	case s.intKey < 0 && next != 0:
		w[keyWord] = t.Words[next+keyWord]
	case s.intKey < 0:
		w[keyWord] = t.Keep(s.keyOf(n))
	case b.Columns[s.intKey].IsNull(int(s.run.Index[n])):
		w[tagWord] |= tagNull
	default:
		w[keyWord] = uint64(b.Columns[s.intKey].Int64[s.run.Index[n]]) //nolint:gosec // bits
	}
	w[nextWord] = uint64(next)
	w[fromWord], w[startWord], w[lastWord] = uint64(r.from), uint64(r.time), uint64(r.time) //nolint:gosec // bits
	s.timers.add(r.end, at)
	return at
}

// widen makes a session cover a row.
func (s *Session) widen(at uint32, r row) {
	w := s.table.Words[at : at+firstWord : at+firstWord]
	w[fromWord] = uint64(min(int64(w[fromWord]), r.from))   //nolint:gosec // bits
	w[startWord] = uint64(min(int64(w[startWord]), r.time)) //nolint:gosec // bits
	w[lastWord] = uint64(max(int64(w[lastWord]), r.time))   //nolint:gosec // bits
}

// absorb joins an older session to one of the same key. It stays as a dead entry until its timer is due.
func (s *Session) absorb(into, other uint32) {
	t := &s.table
	s.set.Merge(&t.Memory, into, other)
	s.widen(into, row{time: t.start(other), from: t.from(other)})
	s.widen(into, row{time: t.last(other), from: t.from(other)})
	t.unlink(other)
	t.Words[other+tagWord] |= tagDead
}
