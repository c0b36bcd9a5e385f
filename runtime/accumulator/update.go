package accumulator

import (
	"math"
	"math/bits"

	"github.com/millrace/millrace/runtime/batch"
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

// update adds the rows, which were narrowed, to their entries' accumulators.
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
	case opSumFloat:
		for n, i := range r.Index {
			w := m.Words[r.Entries[n]+off:]
			w[0]++
			w[1] = math.Float64bits(math.Float64frombits(w[1]) + v.Float64[i])
		}
	case opSumInt, opAvgInt:
		for n, i := range r.Index {
			w := m.Words[r.Entries[n]+off:]
			x := v.Int64[i]
			addWide(w, 1, uint64(x), uint64(x>>63)) //nolint:gosec // two's complement, the sign extended
		}
	case opMinBytes, opMaxBytes:
		s.updateBytes(m, v, r)
	default:
		s.updateExtreme(m, v, r)
	}
}

// addWide adds a 128-bit sum of count values.
func addWide(w []uint64, count, low, high uint64) {
	var carry uint64
	w[0] += count
	w[1], carry = bits.Add64(w[1], low, 0)
	w[2], _ = bits.Add64(w[2], high, carry)
}

// updateExtreme is update for MIN and MAX of values that fit a word.
func (s *step) updateExtreme(m *Memory, v *batch.Vector, r Rows) {
	off := uint32(s.offset) //nolint:gosec // a few words
	for n, i := range r.Index {
		w := m.Words[r.Entries[n]+off:]
		var x uint64
		switch s.op {
		case opMinInt, opMaxInt:
			x = uint64(v.Int64[i]) //nolint:gosec // two's complement
		case opMinFloat, opMaxFloat:
			x = math.Float64bits(v.Float64[i])
		default:
			if v.Bool[i] {
				x = 1
			}
		}
		if w[0] == 0 || s.better(x, w[1]) {
			w[0], w[1] = 1, x
		}
	}
}

// updateBytes is update for MIN and MAX of byte strings, which live in the arena.
func (s *step) updateBytes(m *Memory, v *batch.Vector, r Rows) {
	off := uint32(s.offset) //nolint:gosec // a few words
	for n, i := range r.Index {
		s.keepBytes(m, m.Words[r.Entries[n]+off:], v.Bytes(int(i)))
	}
}
