package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// copyRows copies the selected rows, which out has not been given before or not as NULL.
func copyRows(out, v *batch.Vector, sel []int32, n int) {
	if v.Null != nil {
		marks := out.Nulls()
		if sel == nil {
			copy(marks, v.Null)
		}
		for _, i := range sel {
			marks[i] = v.Null[i]
		}
	}
	switch out.Kind.Storage() {
	case types.StoreBool:
		copyValues(out.Bool, v.Bool, sel)
	case types.StoreInt64:
		copyValues(out.Int64, v.Int64, sel)
	case types.StoreFloat64:
		copyValues(out.Float64, v.Float64, sel)
	case types.StoreBytes:
		copyStrings(out, v, sel, n)
	case types.StoreNone:
	}
}

func copyValues[T any](dst, src []T, sel []int32) {
	if sel == nil {
		copy(dst, src)
		return
	}
	for _, i := range sel {
		dst[i] = src[i]
	}
}

func copyStrings(out, v *batch.Vector, sel []int32, n int) {
	if sel == nil {
		for i := range n {
			if !v.IsNull(i) {
				out.SetBytes(i, v.Bytes(i))
			}
		}
		return
	}
	for _, i := range sel {
		if !v.IsNull(int(i)) {
			out.SetBytes(int(i), v.Bytes(int(i)))
		}
	}
}
