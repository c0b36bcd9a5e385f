package accumulator

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Set is the functions of one operator, made ready. It keeps scratch memory, so one goroutine uses it.
type Set struct {
	steps []step
	// sums are the positions of the steps whose result may be out of range.
	sums  []int
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
		s.add(made)
	}
	return s, nil
}

func (s *Set) add(made step) {
	if made.op == opSumInt || made.op == opSumFloat {
		s.sums = append(s.sums, len(s.steps))
	}
	s.steps = append(s.steps, made)
	s.end += made.op.words()
}

// Stride is the number of words of an entry, its owner's included.
func (s *Set) Stride() int { return s.end }

// Update adds the rows to their entries.
func (s *Set) Update(m *Memory, b *batch.Batch, r Rows) {
	for i := range s.steps {
		st := &s.steps[i]
		if st.merges {
			st.mergeRows(m, b, r, &s.spare)
			continue
		}
		st.update(m, b, st.narrow(b, r, &s.spare))
	}
}

// Check returns an error of kind Data when a SUM has come to a value that its type does not hold. Nothing is wrong with
// the sum on its way: integers are summed in 128 bits.
func (s *Set) Check(m *Memory, at uint32) error {
	for _, i := range s.sums {
		if s.steps[i].overflows(m.Words[int(at)+s.steps[i].offset:]) {
			return fault.New(fault.Data, fault.Place{}, "SUM overflows")
		}
	}
	return nil
}

// AppendResults adds what an entry's accumulators have come to, one value to each column. Check comes first.
func (s *Set) AppendResults(columns []batch.Vector, m *Memory, at uint32) {
	for i := range s.steps {
		s.steps[i].result(&columns[i], m, at)
	}
}
