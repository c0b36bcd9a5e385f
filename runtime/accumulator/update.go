package accumulator

import (
	"bytes"
	"math"
	"math/bits"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
)

// narrow keeps the rows that a step counts: its filter is TRUE and its argument is not NULL. It writes into spare.
func (s *step) narrow(b *batch.Batch, r Rows, spare *Rows) Rows {
	var filter, argument *batch.Vector
	if s.filter >= 0 {
		filter = &b.Columns[s.filter]
	}
	if s.argument >= 0 && b.Columns[s.argument].Null != nil {
		argument = &b.Columns[s.argument]
	}
	if filter == nil && argument == nil {
		return r
	}
	spare.Index, spare.Entries = spare.Index[:0], spare.Entries[:0]
	for n, i := range r.Index {
		if filter != nil && (filter.IsNull(int(i)) || !filter.Bool[i]) || argument != nil && argument.Null[i] {
			continue
		}
		spare.Index = append(spare.Index, i)
		spare.Entries = append(spare.Entries, r.Entries[n])
	}
	return *spare
}

// update adds the rows, which were narrowed, to their entries' accumulators. Sums do not overflow: the caller looked.
func (s *step) update(m *Memory, b *batch.Batch, r Rows) {
	off := uint32(s.offset) //nolint:gosec // a few words
	if s.op == opCount {
		for _, at := range r.Entries {
			m.Words[at+off]++
		}
		return
	}
	v := &b.Columns[s.argument]
	switch s.op {
	case opSumInt:
		for n, i := range r.Index {
			w := m.Words[r.Entries[n]+off:]
			w[0]++
			w[1] += uint64(v.Int64[i]) //nolint:gosec // two's complement
		}
	case opSumFloat:
		for n, i := range r.Index {
			w := m.Words[r.Entries[n]+off:]
			w[0]++
			w[1] = math.Float64bits(math.Float64frombits(w[1]) + v.Float64[i])
		}
	case opAvgInt:
		for n, i := range r.Index {
			w := m.Words[r.Entries[n]+off:]
			w[0]++
			x := v.Int64[i]
			var carry uint64
			w[1], carry = bits.Add64(w[1], uint64(x), 0)     //nolint:gosec // two's complement
			w[2], _ = bits.Add64(w[2], uint64(x>>63), carry) //nolint:gosec // the sign, extended
		}
	case opMinBytes, opMaxBytes:
		s.updateBytes(m, v, r)
	default:
		s.updateExtreme(m, v, r)
	}
}

// updateExtreme is update for MIN and MAX of values that fit a word.
func (s *step) updateExtreme(m *Memory, v *batch.Vector, r Rows) {
	off := uint32(s.offset) //nolint:gosec // a few words
	for n, i := range r.Index {
		w := m.Words[r.Entries[n]+off:]
		var x uint64
		var better bool
		switch s.op {
		case opMinInt:
			x = uint64(v.Int64[i])            //nolint:gosec // two's complement
			better = v.Int64[i] < int64(w[1]) //nolint:gosec // two's complement
		case opMaxInt:
			x = uint64(v.Int64[i])            //nolint:gosec // two's complement
			better = v.Int64[i] > int64(w[1]) //nolint:gosec // two's complement
		case opMinFloat, opMaxFloat:
			x = math.Float64bits(v.Float64[i])
			c := kernel.Compare(v.Float64[i], math.Float64frombits(w[1]))
			better = c < 0 == (s.op == opMinFloat) && c != 0
		default:
			if v.Bool[i] {
				x = 1
			}
			better = x < w[1] == (s.op == opMinBool) && x != w[1]
		}
		if w[0] == 0 || better {
			w[0], w[1] = 1, x
		}
	}
}

// updateBytes is update for MIN and MAX of byte strings, which live in the arena.
func (s *step) updateBytes(m *Memory, v *batch.Vector, r Rows) {
	off := uint32(s.offset) //nolint:gosec // a few words
	for n, i := range r.Index {
		w := m.Words[r.Entries[n]+off:]
		x := v.Bytes(int(i))
		if w[0] != 0 {
			c := bytes.Compare(x, m.Text(w[1]))
			if c == 0 || c < 0 != (s.op == opMinBytes) {
				continue
			}
		}
		if w[0] != 0 && len(x) <= int(w[1]&math.MaxUint32) {
			copy(m.Text(w[1]), x)
			w[1] = w[1]>>32<<32 | uint64(len(x))
			continue
		}
		w[0], w[1] = 1, m.Keep(x)
	}
}

// bound returns the sum of the absolute values that a step adds: no SUM grows by more.
func (s *step) bound(b *batch.Batch, r Rows) (i uint64, f float64) {
	if s.op != opSumInt && s.op != opSumFloat {
		return 0, 0
	}
	v := &b.Columns[s.argument]
	if s.op == opSumFloat {
		for _, row := range r.Index {
			f += math.Abs(v.Float64[row])
		}
		return 0, f
	}
	for _, row := range r.Index {
		x := v.Int64[row]
		// At most 2^63 a value; a run has fewer than 2^31 rows, so the high half is kept apart.
		var carry uint64
		i, carry = bits.Add64(i, uint64(max(x, -x)), 0) //nolint:gosec // the lowest integer gives 2^63
		if carry != 0 {
			return math.MaxUint64, 0
		}
	}
	return i, 0
}

// overflows says whether adding one row would leave the range of a SUM.
func (s *step) overflows(m *Memory, b *batch.Batch, row int32, at uint32) bool {
	w := m.Words[int(at)+s.offset:]
	switch s.op {
	case opSumInt:
		_, ok := kernel.AddOne(int64(w[1]), b.Columns[s.argument].Int64[row]) //nolint:gosec // two's complement
		return !ok
	case opSumFloat:
		return !kernel.Finite(math.Float64frombits(w[1]) + b.Columns[s.argument].Float64[row])
	default:
		return false
	}
}
