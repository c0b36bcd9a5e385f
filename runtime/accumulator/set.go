package accumulator

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Set is the functions of one operator, made ready. It keeps scratch memory, so one goroutine uses it.
type Set struct {
	steps []step
	end   int
	spare Rows
}

// New makes calls over an input of these types ready. Their accumulators begin at word `first` of an entry.
func New(calls []Call, input []types.Kind, first int) (*Set, error) {
	s := &Set{end: first}
	for _, c := range calls {
		made, err := newStep(c, input, s.end)
		if err != nil {
			return nil, err
		}
		s.steps = append(s.steps, made)
		s.end += made.op.words()
	}
	return s, nil
}

// Stride is the number of words of an entry, its owner's included.
func (s *Set) Stride() int { return s.end }

// Bound widens the memory's bounds by what the rows may add; call it before Update.
func (s *Set) Bound(m *Memory, b *batch.Batch, r Rows) {
	for i := range s.steps {
		st := &s.steps[i]
		if st.op == opSumInt || st.op == opSumFloat {
			m.addBound(st.bound(b, st.narrow(b, r, &s.spare)))
		}
	}
}

// Update adds the rows to their entries. Sums must not overflow: Bound and MayOverflow, or Overflows, said so.
func (s *Set) Update(m *Memory, b *batch.Batch, r Rows) {
	for i := range s.steps {
		st := &s.steps[i]
		st.update(m, b, st.narrow(b, r, &s.spare))
	}
}

// Overflows says whether adding a run of one row would leave the range of a SUM.
func (s *Set) Overflows(m *Memory, b *batch.Batch, one Rows) bool {
	for i := range s.steps {
		st := &s.steps[i]
		if len(st.narrow(b, one, &s.spare).Index) > 0 && st.overflows(m, b, one.Index[0], one.Entries[0]) {
			return true
		}
	}
	return false
}

// AppendResults adds what an entry's accumulators have come to, one value to each column.
func (s *Set) AppendResults(columns []batch.Vector, m *Memory, at uint32) {
	for i := range s.steps {
		s.steps[i].result(&columns[i], m, at)
	}
}
