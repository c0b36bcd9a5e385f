package accumulator

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Partial results are what accumulators have come to, as columns, so that another Set can go on from there:
//
//	COUNT                BIGINT
//	SUM of integers      BIGINT low half, NULL over no values; BIGINT high half less the low one's sign
//	AVG of integers      BIGINT count; the two of SUM, not NULL
//	SUM of DOUBLE        DOUBLE, NULL over no values
//	AVG of DOUBLE        BIGINT count; DOUBLE, not NULL
//	MIN, MAX             the argument's type, NULL over no values

// partials returns the types of a step's partial results.
func (s *step) partials() []types.Kind {
	switch {
	case s.op == opCount:
		return []types.Kind{types.BigInt}
	case s.op == opSumInt:
		return []types.Kind{types.BigInt, types.BigInt}
	case s.op == opAvgInt:
		return []types.Kind{types.BigInt, types.BigInt, types.BigInt}
	case s.op == opSumFloat && s.average:
		return []types.Kind{types.BigInt, types.Double}
	default:
		return []types.Kind{s.kind}
	}
}

// Partials returns the types of the columns that AppendPartials fills.
func (s *Set) Partials() []types.Kind {
	var kinds []types.Kind
	for i := range s.steps {
		kinds = append(kinds, s.steps[i].partials()...)
	}
	return kinds
}

// NewMerging makes calls ready whose input is partial results: the argument of each is its first column.
func NewMerging(calls []Call, input []types.Kind, first int) (*Set, error) {
	s := &Set{end: first}
	for _, c := range calls {
		made, ok := mergingStep(c, input, s.end)
		if !ok {
			return nil, fault.New(fault.Bug, fault.Place{}, "no partial results of %s giving %s from column %d", c.Function, c.Kind, c.Argument)
		}
		s.add(made)
	}
	return s, nil
}

// mergingStep finds the step whose partial results are the columns from c.Argument on.
func mergingStep(c Call, input []types.Kind, offset int) (step, bool) {
	kind := func(i int) types.Kind {
		if i < 0 || i >= len(input) {
			return types.Invalid
		}
		return input[i]
	}
	s := step{argument: c.Argument, filter: -1, offset: offset, kind: c.Kind, merges: true}
	var ok bool
	switch c.Function {
	case Count:
		s.op, ok = opCount, c.Kind == types.BigInt
	case Avg:
		ok = s.choose(c, kind(c.Argument+1))
	case Sum, Min, Max:
		ok = s.choose(c, kind(c.Argument))
	default:
	}
	if !ok || c.Filter >= 0 {
		return s, false
	}
	for i, k := range s.partials() {
		ok = ok && kind(c.Argument+i) == k
	}
	return s, ok
}

// AppendPartials adds the partial results of an entry, to as many columns as Partials lists.
func (s *Set) AppendPartials(columns []batch.Vector, m *Memory, at uint32) {
	for i := range s.steps {
		st := &s.steps[i]
		w := m.Words[int(at)+st.offset:]
		switch {
		case st.op == opSumInt && w[0] == 0:
			columns[0].AppendNull()
			columns[1].AppendInt64(0)
		case st.op == opSumInt:
			columns[0].AppendInt64(int64(w[1]))              //nolint:gosec // two's complement
			columns[1].AppendInt64(int64(w[2] - sign(w[1]))) //nolint:gosec // two's complement
		case st.op == opAvgInt:
			columns[0].AppendInt64(int64(w[0]))              //nolint:gosec // a count
			columns[1].AppendInt64(int64(w[1]))              //nolint:gosec // two's complement
			columns[2].AppendInt64(int64(w[2] - sign(w[1]))) //nolint:gosec // two's complement
		case st.op == opSumFloat && st.average:
			columns[0].AppendInt64(int64(w[0])) //nolint:gosec // a count
			columns[1].AppendFloat64(math.Float64frombits(w[1]))
		default:
			st.result(&columns[0], m, at)
		}
		columns = columns[len(st.partials()):]
	}
}

// mergeRows adds rows of partial results to their entries.
func (s *step) mergeRows(m *Memory, b *batch.Batch, r Rows, spare *Rows) {
	off := uint32(s.offset) //nolint:gosec // a few words
	v := b.Columns[s.argument:]
	switch {
	case s.op == opCount:
		for n, i := range r.Index {
			m.Words[r.Entries[n]+off] += uint64(v[0].Int64[i]) //nolint:gosec // a count
		}
	case s.op == opSumInt:
		r = s.narrow(b, r, spare)
		for n, i := range r.Index {
			low := uint64(v[0].Int64[i])                                                 //nolint:gosec // two's complement
			addWide(m.Words[r.Entries[n]+off:], 1, low, sign(low)+uint64(v[1].Int64[i])) //nolint:gosec // two's complement
		}
	case s.op == opAvgInt:
		for n, i := range r.Index {
			low := uint64(v[1].Int64[i])                                                                     //nolint:gosec // two's complement
			addWide(m.Words[r.Entries[n]+off:], uint64(v[0].Int64[i]), low, sign(low)+uint64(v[2].Int64[i])) //nolint:gosec // two's complement
		}
	case s.op == opSumFloat && s.average:
		for n, i := range r.Index {
			w := m.Words[r.Entries[n]+off:]
			w[0] += uint64(v[0].Int64[i]) //nolint:gosec // a count
			w[1] = math.Float64bits(math.Float64frombits(w[1]) + v[1].Float64[i])
		}
	default:
		s.update(m, b, s.narrow(b, r, spare))
	}
}
