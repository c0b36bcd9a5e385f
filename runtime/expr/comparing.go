package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// comparing says how to compute a comparison by the two kernels.
type comparing struct{ less, swap, negate bool }

func comparingOf(name string) comparing {
	switch name {
	case "=":
		return comparing{}
	case "<>":
		return comparing{negate: true}
	case "<":
		return comparing{less: true}
	case ">=":
		return comparing{less: true, negate: true}
	case ">":
		return comparing{less: true, swap: true}
	default: // "<="
		return comparing{less: true, swap: true, negate: true}
	}
}

// apply compares two vectors of one kind at rows where neither is NULL.
func (c comparing) apply(dst []bool, x, y *batch.Vector, sel []int32) {
	if c.swap {
		x, y = y, x
	}
	switch storage := x.Kind.Storage(); {
	case storage == types.StoreInt64 && c.less:
		kernel.Less(dst, x.Int64, y.Int64, sel, c.negate)
	case storage == types.StoreInt64:
		kernel.Equal(dst, x.Int64, y.Int64, sel, c.negate)
	case storage == types.StoreFloat64 && c.less:
		kernel.Less(dst, x.Float64, y.Float64, sel, c.negate)
	case storage == types.StoreFloat64:
		kernel.Equal(dst, x.Float64, y.Float64, sel, c.negate)
	case storage == types.StoreBytes && c.less:
		kernel.LessBytes(dst, x, y, sel, c.negate)
	case storage == types.StoreBytes:
		kernel.EqualBytes(dst, x, y, sel, c.negate)
	case storage == types.StoreBool && c.less:
		kernel.LessBool(dst, x.Bool, y.Bool, sel, c.negate)
	case storage == types.StoreBool:
		kernel.EqualBool(dst, x.Bool, y.Bool, sel, c.negate)
	}
}
