package batch

import (
	"slices"

	"github.com/millrace/millrace/runtime/types"
)

// Resize makes the vector one of n slots of a kind, keeping its memory. The values are unspecified and none is NULL, but
// in a vector of kind NULL all are; Data is empty. Whoever fills the slots writes each that anybody reads.
func (v *Vector) Resize(kind types.Kind, n int) {
	v.Reset(kind)
	switch kind.Storage() {
	case types.StoreBool:
		v.Bool = slices.Grow(v.Bool, n)[:n]
	case types.StoreInt64:
		v.Int64 = slices.Grow(v.Int64, n)[:n]
	case types.StoreFloat64:
		v.Float64 = slices.Grow(v.Float64, n)[:n]
	case types.StoreBytes:
		v.Views = slices.Grow(v.Views, n)[:n]
	case types.StoreNone:
		v.ensureNull(n)
		for i := range v.Null {
			v.Null[i] = true
		}
	}
}

// SetBytes gives row i a copy of a byte string; the kind's storage must be StoreBytes. What the row held before stays
// in Data until the vector is reset.
func (v *Vector) SetBytes(i int, x []byte) {
	start := len(v.Data)
	v.Data = append(v.Data, x...)
	v.SetTail(i, start)
}

// SetTail gives row i all that was appended to Data since it had a length of start.
func (v *Vector) SetTail(i, start int) {
	v.Views[i] = View{Offset: uint32(start), Length: uint32(len(v.Data) - start)} //nolint:gosec // Data stays below 4 GiB
}
