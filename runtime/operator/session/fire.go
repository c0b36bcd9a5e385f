package session

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/millrace/millrace/runtime/operator"
)

// emitRows is the number of rows in an emitted batch.
const emitRows = 4096

// touchAhead is the number of entries that are read at once before they are worked on.
const touchAhead = 256

// fire emits the sessions whose end is below w.
func (s *Session) fire(w int64, out operator.Output) error {
	s.due = s.timers.due(w, &s.table, s.config.GapMicros, s.due[:0])
	s.due = slices.DeleteFunc(s.due, func(at uint32) bool {
		dead := s.table.dead(at)
		if dead {
			s.table.release(at)
		}
		return dead
	})
	s.sort()
	left := s.due
	if s.spill.sessions > 0 {
		var err error
		if left, err = s.fireSpilled(w, left, out); err != nil {
			return err
		}
	}
	for len(left) > 0 {
		n := min(touchAhead, len(left))
		s.touchSum += s.table.touchSlots(left[:n])
		for _, at := range left[:n] {
			if err := s.fireOne(at, out); err != nil {
				return err
			}
		}
		left = left[n:]
	}
	return nil
}

// sort sorts what is due by end and key.
func (s *Session) sort() {
	t := &s.table
	if s.intKey < 0 {
		slices.SortFunc(s.due, func(x, y uint32) int {
			if c := cmp.Compare(t.last(x), t.last(y)); c != 0 {
				return c
			}
			return bytes.Compare(t.Text(t.Words[x+keyWord]), t.Text(t.Words[y+keyWord]))
		})
		return
	}
	slices.SortFunc(s.due, func(x, y uint32) int {
		if c := cmp.Compare(t.last(x), t.last(y)); c != 0 {
			return c
		}
		return cmp.Or(
			cmp.Compare(t.Words[y+tagWord]&tagNull, t.Words[x+tagWord]&tagNull),
			cmp.Compare(int64(t.Words[x+keyWord]), int64(t.Words[y+keyWord])), //nolint:gosec // bits
		)
	})
}

// fireOne emits a session of the table and forgets it.
func (s *Session) fireOne(at uint32, out operator.Output) error {
	t := &s.table
	if problem := s.set.Check(&t.Memory, at); problem != nil {
		if err := s.bad.Bad(&s.out, operator.NoRow, problem); err != nil {
			return err
		}
		return s.forget(at)
	}
	if s.intKey >= 0 {
		if v := &s.out.Columns[0]; t.Words[at+tagWord]&tagNull != 0 {
			v.AppendNull()
		} else {
			v.AppendInt64(int64(t.Words[at+keyWord])) //nolint:gosec // bits
		}
	} else if err := s.appendColumns(t.Text(t.Words[at+keyWord])); err != nil {
		return err
	}
	if err := s.add(at, out); err != nil {
		return err
	}
	return s.forget(at)
}

// forget takes a session out of the table and of what is stored.
func (s *Session) forget(at uint32) error {
	t := &s.table
	if newest := t.unlink(at); newest != 0 {
		t.mark(newest)
	} else if t.Words[at+tagWord]&tagStored != 0 {
		s.key = s.appendKey(append(s.key[:0], recordSpace), at)
		if err := s.view.Delete(s.key); err != nil {
			return err
		}
	}
	t.release(at)
	return nil
}

// appendColumns adds an encoded key to the output's first columns.
func (s *Session) appendColumns(key []byte) error {
	for i := range s.config.Keys {
		rest, ok := s.out.Columns[i].AppendFromKey(key)
		if !ok {
			return corrupt("a key of another type")
		}
		key = rest
	}
	return nil
}

// add completes an output row, whose key is there, with a session.
func (s *Session) add(at uint32, out operator.Output) error {
	n := len(s.config.Keys)
	s.out.Columns[n].AppendInt64(s.table.start(at))
	s.out.Columns[n+1].AppendInt64(s.end(at))
	s.set.AppendResults(s.out.Columns[n+2:], &s.table.Memory, at)
	if s.out.Length++; s.out.Length < emitRows {
		return nil
	}
	return s.emit(out)
}

// emit pushes the rows that the output has.
func (s *Session) emit(out operator.Output) error {
	if s.out.Length == 0 {
		return nil
	}
	err := out.Push(&s.out)
	s.clearOut()
	return err
}

func (s *Session) clearOut() {
	s.out.Length = 0
	for i := range s.out.Columns {
		s.out.Columns[i].Reset(s.out.Columns[i].Kind)
	}
}
