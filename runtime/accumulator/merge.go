package accumulator

import (
	"bytes"
	"math"

	"github.com/millrace/millrace/runtime/kernel"
)

// Merge adds what one entry has seen to another of the same memory; the one it is added from is not to be used after.
func (s *Set) Merge(m *Memory, into, from uint32) { s.MergeFrom(m, into, m, from) }

// MergeFrom adds an entry of src to an entry of dst.
func (s *Set) MergeFrom(dst *Memory, to uint32, src *Memory, from uint32) {
	for i := range s.steps {
		st := &s.steps[i]
		d, f := dst.Words[int(to)+st.offset:], src.Words[int(from)+st.offset:]
		if f[0] == 0 {
			continue
		}
		switch st.op {
		case opCount:
			d[0] += f[0]
		case opSumInt, opAvgInt:
			addWide(d, f[0], f[1], f[2])
		case opSumFloat:
			d[0] += f[0]
			d[1] = math.Float64bits(math.Float64frombits(d[1]) + math.Float64frombits(f[1]))
		case opMinBytes, opMaxBytes:
			if dst == src && d[0] == 0 {
				d[0], d[1] = 1, f[1]
				continue
			}
			st.keepBytes(dst, d, src.Text(f[1]))
		default:
			if d[0] == 0 || st.better(f[1], d[1]) {
				d[0], d[1] = 1, f[1]
			}
		}
	}
}

// Invertible says whether Subtract undoes MergeFrom for all functions: for COUNT, and SUM and AVG of integers, which are
// exact.
func (s *Set) Invertible() bool {
	for i := range s.steps {
		if o := s.steps[i].op; o != opCount && o != opSumInt && o != opAvgInt {
			return false
		}
	}
	return true
}

// Subtract takes an entry of src, which was merged before, from an entry of dst; the set must be Invertible.
func (s *Set) Subtract(dst *Memory, to uint32, src *Memory, from uint32) {
	for i := range s.steps {
		st := &s.steps[i]
		d, f := dst.Words[int(to)+st.offset:], src.Words[int(from)+st.offset:]
		if st.op == opCount || f[0] == 0 { // over no values the other words mean nothing
			d[0] -= f[0]
			continue
		}
		low, high := ^f[1]+1, ^f[2]
		if low == 0 {
			high++
		}
		addWide(d, ^f[0]+1, low, high)
	}
}

// better says whether x is to take the place of the extreme y; both are words.
func (s *step) better(x, y uint64) bool {
	switch s.op {
	case opMinInt:
		return int64(x) < int64(y) //nolint:gosec // two's complement
	case opMaxInt:
		return int64(x) > int64(y) //nolint:gosec // two's complement
	case opMinFloat:
		return kernel.Compare(math.Float64frombits(x), math.Float64frombits(y)) < 0
	case opMaxFloat:
		return kernel.Compare(math.Float64frombits(x), math.Float64frombits(y)) > 0
	case opMinBool:
		return x < y
	default:
		return x > y
	}
}

// keepBytes makes x the extreme in the words w if it is better.
func (s *step) keepBytes(m *Memory, w []uint64, x []byte) {
	if w[0] != 0 {
		c := bytes.Compare(x, m.Text(w[1]))
		if c == 0 || c < 0 != (s.op == opMinBytes) {
			return
		}
		if len(x) <= int(w[1]&math.MaxUint32) {
			copy(m.Text(w[1]), x)
			w[1] = w[1]>>32<<32 | uint64(len(x))
			return
		}
	}
	w[0], w[1] = 1, m.Keep(x)
}
