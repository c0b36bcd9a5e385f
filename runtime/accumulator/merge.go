package accumulator

import (
	"bytes"
	"math"
	"math/bits"

	"github.com/millrace/millrace/runtime/kernel"
)

// Merge adds what one entry has seen to another of the same memory. Sums must not overflow: see MergeOverflows. The
// bounds stay: they are above the sum of all SUMs.
func (s *Set) Merge(m *Memory, into, from uint32) {
	for i := range s.steps {
		st := &s.steps[i]
		st.merge(m, m.Words[int(into)+st.offset:], m.Words[int(from)+st.offset:])
	}
}

// MergeOverflows says whether Merge would leave the range of a SUM.
func (s *Set) MergeOverflows(m *Memory, into, from uint32) bool {
	for i := range s.steps {
		st := &s.steps[i]
		to, w := m.Words[int(into)+st.offset:], m.Words[int(from)+st.offset:]
		switch st.op {
		case opSumInt:
			if _, ok := kernel.AddOne(int64(to[1]), int64(w[1])); !ok { //nolint:gosec // two's complement
				return true
			}
		case opSumFloat:
			if !kernel.Finite(math.Float64frombits(to[1]) + math.Float64frombits(w[1])) {
				return true
			}
		default:
		}
	}
	return false
}

// merge adds an accumulator to another.
func (s *step) merge(m *Memory, to, from []uint64) {
	if from[0] == 0 {
		return
	}
	switch s.op {
	case opCount:
		to[0] += from[0]
	case opSumInt:
		to[0] += from[0]
		to[1] += from[1]
	case opSumFloat:
		to[0] += from[0]
		to[1] = math.Float64bits(math.Float64frombits(to[1]) + math.Float64frombits(from[1]))
	case opAvgInt:
		to[0] += from[0]
		var carry uint64
		to[1], carry = bits.Add64(to[1], from[1], 0)
		to[2], _ = bits.Add64(to[2], from[2], carry)
	default:
		if to[0] == 0 || s.better(m, from[1], to[1]) {
			to[0], to[1] = 1, from[1]
		}
	}
}

// better says whether one value of an extreme takes the place of another.
func (s *step) better(m *Memory, x, than uint64) bool {
	var c int
	var isMin bool
	switch s.op {
	case opMinInt, opMaxInt:
		isMin = s.op == opMinInt
		c = kernel.Compare(int64(x), int64(than)) //nolint:gosec // two's complement
	case opMinFloat, opMaxFloat:
		isMin = s.op == opMinFloat
		c = kernel.Compare(math.Float64frombits(x), math.Float64frombits(than))
	case opMinBytes, opMaxBytes:
		isMin = s.op == opMinBytes
		c = bytes.Compare(m.Text(x), m.Text(than))
	default:
		isMin = s.op == opMinBool
		c = kernel.Compare(int64(x), int64(than)) //nolint:gosec // 0 or 1
	}
	return c != 0 && c < 0 == isMin
}
