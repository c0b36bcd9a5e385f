package operatortest

import (
	"math/rand/v2"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Random returns n rows of small values, so that groups and ties occur. nulls is the share of NULLs, 0 to 1.
func Random(rng *rand.Rand, kinds []types.Kind, n int, nulls float64) *batch.Batch {
	b := &batch.Batch{Length: n}
	b.Columns = make([]batch.Vector, len(kinds))
	for i, kind := range kinds {
		v := &b.Columns[i]
		v.Reset(kind)
		for range n {
			if rng.Float64() < nulls {
				v.AppendNull()
				continue
			}
			switch kind.Storage() {
			case types.StoreBool:
				v.AppendBool(rng.IntN(2) == 0)
			case types.StoreInt64:
				v.AppendInt64(int64(rng.IntN(9) - 4))
			case types.StoreFloat64:
				v.AppendFloat64(float64(rng.IntN(9)-4) / 2)
			case types.StoreBytes:
				v.AppendBytes([]byte("abcdef")[:rng.IntN(4)])
			case types.StoreNone:
				v.AppendNull()
			}
		}
	}
	return b
}
