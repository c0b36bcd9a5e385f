package accumulator

import (
	"encoding/binary"
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Column is a part of what a call remembers, as a column for people and other programs to read:
//
//	COUNT                ""       BIGINT
//	SUM of integers      ""       a wide integer, NULL over no values
//	SUM of DOUBLE        ""       DOUBLE, NULL over no values
//	AVG of integers      "_count" BIGINT; "_sum" a wide integer, NULL over no values
//	AVG of DOUBLE        "_count" BIGINT; "_sum" DOUBLE, NULL over no values
//	MIN, MAX             ""       the argument's type, NULL over no values
type Column struct {
	// Suffix is what the column's name has behind the call's.
	Suffix string
	// Kind is the column's type: BYTES for a wide integer.
	Kind types.Kind
	// Wide says that the values are integers of 128 bits: WideBytes bytes of two's complement, the highest first.
	Wide bool
}

// WideBytes is the length of a wide integer.
const WideBytes = 16

// columns returns the columns of a step.
func (s *step) columns() []Column {
	sum := Column{Kind: types.Bytes, Wide: true}
	switch {
	case s.op == opCount:
		return []Column{{Kind: types.BigInt}}
	case s.op == opSumInt:
		return []Column{sum}
	case s.op == opAvgInt:
		sum.Suffix = "_sum"
		return []Column{{Suffix: "_count", Kind: types.BigInt}, sum}
	case s.op == opSumFloat && s.average:
		return []Column{{Suffix: "_count", Kind: types.BigInt}, {Suffix: "_sum", Kind: types.Double}}
	default:
		return []Column{{Kind: s.kind}}
	}
}

// Columns returns the columns of each call.
func (s *Set) Columns() [][]Column {
	list := make([][]Column, len(s.steps))
	for i := range s.steps {
		list[i] = s.steps[i].columns()
	}
	return list
}

// AppendColumns adds what an entry's accumulators hold, one value to each of the columns of all calls. Unlike results, it
// is all that they remember.
func (s *Set) AppendColumns(columns []batch.Vector, m *Memory, at uint32) {
	for i := range s.steps {
		st := &s.steps[i]
		w := m.Words[int(at)+st.offset:]
		switch {
		case st.op == opSumInt:
			appendWide(&columns[0], w)
		case st.op == opAvgInt:
			columns[0].AppendInt64(int64(w[0])) //nolint:gosec // a count
			appendWide(&columns[1], w)
		case st.op == opSumFloat && st.average:
			columns[0].AppendInt64(int64(w[0])) //nolint:gosec // a count
			appendSum(&columns[1], w)
		case st.op == opSumFloat:
			appendSum(&columns[0], w)
		default:
			st.result(&columns[0], m, at)
		}
		columns = columns[len(st.columns()):]
	}
}

func appendSum(v *batch.Vector, w []uint64) {
	if w[0] == 0 {
		v.AppendNull()
		return
	}
	v.AppendFloat64(math.Float64frombits(w[1]))
}

func appendWide(v *batch.Vector, w []uint64) {
	if w[0] == 0 {
		v.AppendNull()
		return
	}
	start := len(v.Data)
	v.Data = binary.BigEndian.AppendUint64(v.Data, w[2])
	v.Data = binary.BigEndian.AppendUint64(v.Data, w[1])
	v.AppendTail(start)
}

// ReadColumns sets the accumulators of an entry to row `row` of what AppendColumns has filled. NULL everywhere are those
// that have seen no row. How many values a SUM has seen is not kept, only whether there were any.
func (s *Set) ReadColumns(columns []batch.Vector, row int, m *Memory, at uint32) error {
	for i := range s.steps {
		st := &s.steps[i]
		w := m.Words[int(at)+st.offset:]
		clear(w[:st.op.words()])
		n := len(st.columns())
		count := uint64(1)
		if st.op == opCount || n > 1 {
			if count = 0; !columns[0].IsNull(row) {
				count = uint64(columns[0].Int64[row]) //nolint:gosec // a count
			}
			if count > math.MaxInt64 {
				return damaged("a count below 0")
			}
		}
		v := &columns[n-1]
		columns = columns[n:]
		switch null := v.IsNull(row); {
		case st.op == opCount:
			w[0] = count
			continue
		case n > 1 && null != (count == 0):
			return damaged("a sum that does not fit its count")
		case null:
			continue
		}
		w[0] = count
		if err := st.readColumn(v, row, m, w); err != nil {
			return err
		}
	}
	return nil
}

// readColumn sets the words behind the count to a value that is not NULL.
func (s *step) readColumn(v *batch.Vector, row int, m *Memory, w []uint64) error {
	switch s.op {
	case opSumInt, opAvgInt:
		b := v.Bytes(row)
		if len(b) != WideBytes {
			return damaged("a sum of another length")
		}
		w[2], w[1] = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[WideBytes/2:])
	case opSumFloat, opMinFloat, opMaxFloat:
		w[1] = math.Float64bits(v.Float64[row])
	case opMinBool, opMaxBool:
		if v.Bool[row] {
			w[1] = 1
		}
	case opMinBytes, opMaxBytes:
		w[1] = m.Keep(v.Bytes(row))
	case opCount, opMinInt, opMaxInt:
		w[1] = uint64(v.Int64[row]) //nolint:gosec // bits
	}
	return nil
}

func damaged(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "a row of state holds %s", what)
}
