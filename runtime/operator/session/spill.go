package session

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/millrace/millrace/runtime/operator"
)

const (
	spillBits     = 1 << 20 // of the bitmap, whose positions are the upper bits of a hash
	spillShift    = 64 - 20
	bitsOfWord    = 64
	spillSample   = 1024
	spilledAtOnce = 1024
)

// spill knows what has been put out: its sessions are in the state only.
type spill struct {
	sessions int
	bits     []uint64 // which hashes it may be of; nil before the first
}

// add notes a session that is put out.
func (x *spill) add(hash uint64) {
	if x.bits == nil {
		x.bits = make([]uint64, spillBits/bitsOfWord)
	}
	n := hash >> spillShift
	x.bits[n/bitsOfWord] |= 1 << (n % bitsOfWord)
	x.sessions++
}

// may says whether sessions of a key may have been put out.
func (x *spill) may(hash uint64) bool {
	n := hash >> spillShift
	return x.sessions > 0 && x.bits[n/bitsOfWord]&(1<<(n%bitsOfWord)) != 0
}

func (s *Session) bytes() int { return s.table.bytes() + s.timers.bytes() + 8*len(s.spill.bits) }

// bound returns the memory that the tables may take now.
func (s *Session) bound() int {
	if s.config.MemoryBound != nil {
		if b := s.config.MemoryBound(); b != 0 {
			return max(b, minMemoryBytes)
		}
	}
	return s.config.MemoryBytes
}

// shrink keeps the tables within the memory bound: first without what has ended, and if that is not enough without the
// keys whose last rows are the oldest, half of all.
func (s *Session) shrink() error {
	most := s.bound()
	if s.bytes() <= most {
		return nil
	}
	if err := s.Flush(); err != nil {
		return err
	}
	if err := s.rebuild(func(uint32) bool { return true }); err != nil {
		return err
	}
	if s.bytes() <= most/4*3 {
		return nil
	}
	bound := s.median()
	return s.rebuild(func(newest uint32) bool { return s.table.last(newest) > bound })
}

// median returns about the median of the keys' last rows.
func (s *Session) median() int64 {
	var sample []int64
	step := max(1, len(s.table.slots)/spillSample)
	for i := 0; i < len(s.table.slots); i += step {
		if x := s.table.slots[i]; x != 0 {
			sample = append(sample, s.table.last(uint32(x))) //nolint:gosec // the low half
		}
	}
	if len(sample) == 0 {
		return 0
	}
	slices.Sort(sample)
	return sample[len(sample)/2]
}

// rebuild makes the table anew, of all that is kept, and puts the rest out. All of it must be flushed.
func (s *Session) rebuild(keep func(newest uint32) bool) error {
	old := s.table
	made, timers := newTable(old.stride), newTimers(s.config.GapMicros)
	for _, x := range old.slots {
		if x == 0 {
			continue
		}
		newest := uint32(x) //nolint:gosec // the low half
		if !keep(newest) {
			if err := s.putOut(newest); err != nil {
				return err
			}
			continue
		}
		if !made.reserve(1) {
			return corrupt("too many sessions")
		}
		slot, _ := made.findInt(old.Words[newest+tagWord], 0, tagUsed) // no entry: the next empty slot
		var before uint32
		for at := newest; at != 0; at = old.next(at) {
			into := made.alloc()
			copy(made.Words[into:], old.Words[at:at+firstWord])
			s.set.Move(&made.Memory, into, &old.Memory, at)
			if s.intKey < 0 {
				made.Words[into+keyWord] = made.Keep(old.Text(old.Words[at+keyWord]))
			}
			made.setNext(into, 0)
			if before == 0 {
				made.point(slot, into)
			} else {
				made.setNext(before, into)
			}
			before = into
			timers.add(s.end(at), into)
		}
	}
	s.table, s.timers = made, timers
	return nil
}

// putOut leaves the sessions of a key to the state.
func (s *Session) putOut(newest uint32) error {
	s.key = s.appendKey(append(s.key[:0], recordSpace), newest)
	hash, _, _ := s.hashOf(s.key[1:])
	s.value = s.appendRecord(s.value[:0], newest, flagTimer)
	if err := s.view.Put(s.key, s.value); err != nil {
		return err
	}
	for at := newest; at != 0; at = s.table.next(at) {
		s.key = s.appendTimer(s.key[:0], at)
		if err := s.view.Put(s.key, nil); err != nil {
			return err
		}
		s.spill.add(hash)
	}
	return nil
}

// fireSpilled emits the sessions that are put out and due, with those of the table that come before them, and returns
// what is left of these.
func (s *Session) fireSpilled(w int64, left []uint32, out operator.Output) ([]uint32, error) {
	upper := appendTime([]byte{timerSpace}, w)
	for {
		var names [][]byte
		err := s.view.Scan([]byte{timerSpace}, upper, func(key, _ []byte) error {
			if len(names) == spilledAtOnce {
				return errEnough
			}
			names = append(names, slices.Clone(key))
			return nil
		})
		if len(names) < spilledAtOnce && err != nil {
			return nil, err
		}
		for _, name := range names {
			if left, err = s.fireFromState(name, left, out); err != nil {
				return nil, err
			}
		}
		if len(names) < spilledAtOnce {
			break
		}
	}
	if s.spill.sessions == 0 {
		s.spill = spill{}
	}
	return left, nil
}

// fireFromState emits the session of a timer in the state, after those of `left` that come before it.
func (s *Session) fireFromState(timer []byte, left []uint32, out operator.Output) ([]uint32, error) {
	if len(timer) < 1+wordBytes {
		return nil, corrupt("a timer that is too short")
	}
	end, key := timeOf(timer[1:]), timer[1+wordBytes:]
	for len(left) > 0 {
		s.key = s.appendKey(s.key[:0], left[0])
		if cmp.Or(cmp.Compare(s.end(left[0]), end), bytes.Compare(s.key, key)) > 0 {
			break
		}
		if err := s.fireOne(left[0], out); err != nil {
			return nil, err
		}
		left = left[1:]
	}
	if err := s.view.Delete(timer); err != nil {
		return nil, err
	}
	name := append([]byte{recordSpace}, key...)
	record, ok, err := s.view.Get(name)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, corrupt("a timer without its key")
	}
	rest, err := s.takeStored(record, end)
	if err != nil {
		return nil, err
	}
	if err := s.addScratch(key, out); err != nil {
		return nil, err
	}
	s.spill.sessions--
	if len(rest) == 1 {
		return left, s.view.Delete(name)
	}
	return left, s.view.Put(name, rest)
}

// scratch is the entry that no session has.
const scratch = 0

// takeStored reads the session of a record that ends then into the scratch entry, and returns the record without it.
func (s *Session) takeStored(record []byte, end int64) (rest []byte, err error) {
	flags, sessions, err := openRecord(record)
	if err != nil {
		return nil, err
	}
	rest = []byte{flags}
	found := false
	for len(sessions) > 0 {
		whole := sessions
		var stored []byte
		if stored, sessions, err = cutSession(sessions); err != nil {
			return nil, err
		}
		if len(stored) < wordBytes || timeOf(stored)+s.config.GapMicros != end {
			rest = append(rest, whole[:len(whole)-len(sessions)]...)
			continue
		}
		found = true
		clear(s.table.Words[:s.table.stride])
		s.arena = len(s.table.Arena)
		if err := readSession(s.set, stored, &s.table.Memory, scratch); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, corrupt("a timer without its session")
	}
	return rest, nil
}

// addScratch adds the session in the scratch entry to the output, and gives back what it keeps in the arena.
func (s *Session) addScratch(key []byte, out operator.Output) error {
	defer func() { s.table.Arena = s.table.Arena[:s.arena] }()
	if problem := s.set.Check(&s.table.Memory, scratch); problem != nil {
		return s.bad.Bad(&s.out, operator.NoRow, problem)
	}
	if err := s.appendColumns(key); err != nil {
		return err
	}
	return s.add(scratch, out)
}
