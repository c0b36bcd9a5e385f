package expr

import (
	"maps"
	"math"
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// members is the list of an IN made of literals: a set by storage class.
type members struct {
	integers map[int64]struct{}
	floats   map[uint64]struct{}
	strings  map[string]struct{}
	booleans [2]bool
	hasNull  bool
	// few are the integers when there are at most mostScanned, which are found faster one after the other.
	few []int64
}

const mostScanned = 8

func newMembers(list []*literal) *members {
	m := &members{integers: map[int64]struct{}{}, floats: map[uint64]struct{}{}, strings: map[string]struct{}{}}
	for _, l := range list {
		if l.isNull() {
			m.hasNull = true
			continue
		}
		switch l.kind.Storage() {
		case types.StoreBool:
			m.booleans[bitOf(l.value.Bool[0])] = true
		case types.StoreInt64:
			m.integers[l.value.Int64[0]] = struct{}{}
		case types.StoreFloat64:
			m.floats[floatKey(l.value.Float64[0])] = struct{}{}
		case types.StoreBytes:
			m.strings[string(l.value.Bytes(0))] = struct{}{}
		case types.StoreNone:
		}
	}
	if len(m.integers) <= mostScanned {
		m.few = slices.Sorted(maps.Keys(m.integers))
	}
	return m
}

// in is the rowFunc of IN: NULL, not FALSE, when nothing is equal and the list has a NULL.
func (m *members) in(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
	found := m.has(in[0], i)
	if !found && m.hasNull {
		out.SetNull(i)
		return nil
	}
	out.Bool[i] = found
	return nil
}

func (m *members) has(v *batch.Vector, i int) (found bool) {
	switch v.Kind.Storage() {
	case types.StoreBool:
		return m.booleans[bitOf(v.Bool[i])]
	case types.StoreInt64:
		if m.few != nil {
			return slices.Contains(m.few, v.Int64[i])
		}
		_, found = m.integers[v.Int64[i]]
	case types.StoreFloat64:
		_, found = m.floats[floatKey(v.Float64[i])]
	case types.StoreBytes:
		_, found = m.strings[string(v.Bytes(i))]
	case types.StoreNone:
	}
	return found
}

// floatKey gives equal numbers one key: the two zeros, and all NaNs.
func floatKey(x float64) uint64 {
	switch {
	case x == 0:
		return 0
	case math.IsNaN(x):
		return math.Float64bits(math.NaN())
	default:
		return math.Float64bits(x)
	}
}

func bitOf(x bool) int {
	if x {
		return 1
	}
	return 0
}
