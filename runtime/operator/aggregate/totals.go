package aggregate

import (
	"hash/maphash"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/fault"
)

// totals is the groups of several slices together. Its entries have one word more, behind the accumulators: the number of
// slices that have the group. One with none is dead, and goes when the table is made anew.
type totals struct {
	*table
	set  *accumulator.Set
	seed maphash.Seed
	// ints says that keys are integers, which entries hold themselves.
	ints bool
	// uses is the place of that word, dead the number of dead entries.
	uses, dead int
}

func newTotals(set *accumulator.Set, seed maphash.Seed, ints bool) *totals {
	return &totals{table: newTable(set.Stride()+1, seed), set: set, seed: seed, ints: ints, uses: set.Stride()}
}

// empty takes all groups out.
func (s *totals) empty() {
	s.table.empty()
	s.dead = 0
}

// add adds a group of a slice; text is its encoded key, nil where keys are integers.
func (s *totals) add(from *table, at uint32, text []byte) error {
	if !s.room() {
		return fault.New(fault.Transient, fault.Place{}, "a window has too many groups for its memory").Do("group by fewer keys, or run with more memory")
	}
	to, made := s.find(from, at, text)
	if !made && s.Words[to+s.uses] == 0 {
		s.dead--
	}
	s.Words[to+tagWord] |= tagLive
	s.Words[to+s.uses]++
	s.set.MergeFrom(&s.Memory, uint32(to), &from.Memory, at) //nolint:gosec // below maxWords
	return nil
}

// subtract takes a group of a slice, which was added before, away again.
func (s *totals) subtract(from *table, at uint32, text []byte) error {
	to, made := s.find(from, at, text)
	if made || s.Words[to+s.uses] == 0 {
		return fault.New(fault.Bug, fault.Place{}, "a group leaves a window that it is not in")
	}
	s.set.Subtract(&s.Memory, uint32(to), &from.Memory, at) //nolint:gosec // below maxWords
	if s.Words[to+s.uses]--; s.Words[to+s.uses] == 0 {
		s.Words[to+tagWord] &^= tagLive
		s.dead++
	}
	return nil
}

// find returns the entry of a group, made if it was not there.
func (s *totals) find(from *table, at uint32, text []byte) (to int, made bool) {
	tag := from.Words[at+tagWord] &^ tagChanges
	if s.ints {
		return s.findInt(tag, from.Words[at+keyWord])
	}
	return s.findBytes(tag, text)
}

// room makes room for one more group and says whether there is. Where half of the entries are dead, they go instead.
func (s *totals) room() bool {
	if (s.used+1)*4 <= (s.mask+1)*3 || s.dead*2 < s.used {
		return s.reserve(1)
	}
	old := s.table
	s.table = newTable(old.stride, s.seed)
	s.end, s.start, s.dead = old.end, old.start, 0
	for from := 0; from < len(old.Words); from += old.stride {
		if old.Words[from+tagWord]&tagLive == 0 {
			continue
		}
		if !s.reserve(1) {
			return false
		}
		var text []byte
		if !s.ints {
			text = old.Text(old.Words[from+keyWord])
		}
		to, _ := s.find(old, uint32(from), text)
		s.Words[to+tagWord] |= tagLive
		copy(s.Words[to+firstWord:to+s.stride], old.Words[from+firstWord:])
	}
	return s.reserve(1)
}
