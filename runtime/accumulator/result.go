package accumulator

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
)

// result adds what an accumulator has come to.
func (s *step) result(v *batch.Vector, m *Memory, at uint32) {
	w := m.Words[int(at)+s.offset:]
	if s.op == opCount {
		v.AppendInt64(int64(w[0])) //nolint:gosec // a count
		return
	}
	if w[0] == 0 {
		v.AppendNull()
		return
	}
	switch s.op {
	case opAvgInt:
		v.AppendFloat64(wide(w[1], w[2]) / float64(w[0]))
	case opSumFloat:
		x := math.Float64frombits(w[1])
		if s.average {
			x /= float64(w[0])
		}
		v.AppendFloat64(x)
	case opMinFloat, opMaxFloat:
		v.AppendFloat64(math.Float64frombits(w[1]))
	case opMinBool, opMaxBool:
		v.AppendBool(w[1] != 0)
	case opMinBytes, opMaxBytes:
		v.AppendBytes(m.Text(w[1]))
	default:
		v.AppendInt64(int64(w[1])) //nolint:gosec // bits
	}
}

// overflows says whether a sum is beyond the range of its type.
func (s *step) overflows(w []uint64) bool {
	if s.op == opSumFloat {
		return w[0] != 0 && !kernel.Finite(math.Float64frombits(w[1]))
	}
	return w[2] != sign(w[1])
}

// sign returns the high half of a number that fits the low half.
func sign(low uint64) uint64 { return uint64(int64(low) >> 63) } //nolint:gosec // two's complement

// wide returns a 128-bit integer as a float.
func wide(low, high uint64) float64 {
	if high == sign(low) {
		return float64(int64(low)) //nolint:gosec // bits
	}
	return float64(int64(high))*0x1p64 + float64(low) //nolint:gosec // bits
}
