package batch

import "github.com/millrace/millrace/runtime/types"

// AppendFrom adds a copy of one row of another vector, which must be of the same kind.
func (v *Vector) AppendFrom(src *Vector, row int) {
	if src.IsNull(row) {
		v.AppendNull()
		return
	}
	switch v.Kind.Storage() {
	case types.StoreBool:
		v.AppendBool(src.Bool[row])
	case types.StoreInt64:
		v.AppendInt64(src.Int64[row])
	case types.StoreFloat64:
		v.AppendFloat64(src.Float64[row])
	case types.StoreBytes:
		v.AppendBytes(src.Bytes(row))
	case types.StoreNone:
		v.AppendNull()
	}
}

// AppendSelected adds copies of those rows of another vector of the same kind; a nil selection means its first n rows.
func (v *Vector) AppendSelected(src *Vector, selection []int32, n int) {
	switch {
	case src.Null != nil || v.Null != nil || v.Kind.Storage() == types.StoreBytes || v.Kind.Storage() == types.StoreNone:
		if selection == nil {
			for i := range n {
				v.AppendFrom(src, i)
			}
		}
		for _, i := range selection {
			v.AppendFrom(src, int(i))
		}
	case v.Kind.Storage() == types.StoreBool:
		v.Bool = pick(v.Bool, src.Bool, selection, n)
	case v.Kind.Storage() == types.StoreFloat64:
		v.Float64 = pick(v.Float64, src.Float64, selection, n)
	default:
		v.Int64 = pick(v.Int64, src.Int64, selection, n)
	}
}

func pick[T any](dst, src []T, selection []int32, n int) []T {
	if selection == nil {
		return append(dst, src[:n]...)
	}
	for _, i := range selection {
		dst = append(dst, src[i])
	}
	return dst
}

// AppendRow adds a copy of one row of a batch with columns of the same kinds, with its RowWatermark and Offset where src
// has them. b must have no selection.
func (b *Batch) AppendRow(src *Batch, row int) {
	for c := range b.Columns {
		b.Columns[c].AppendFrom(&src.Columns[c], row)
	}
	if len(src.RowWatermark) > 0 {
		b.RowWatermark = append(b.RowWatermark, src.RowWatermark[row])
	}
	if len(src.Offsets) > 0 {
		b.Offsets = append(b.Offsets, src.Offsets[row])
	}
	b.Length++
}

// AppendSelected adds copies of the selected rows of a batch with columns of the same kinds, with their RowWatermark and
// Offsets where src has them. b must have no selection. Into a batch that was Reset, it compacts src.
func (b *Batch) AppendSelected(src *Batch) {
	for c := range b.Columns {
		b.Columns[c].AppendSelected(&src.Columns[c], src.Selection, src.Length)
	}
	if len(src.RowWatermark) > 0 {
		b.RowWatermark = pick(b.RowWatermark, src.RowWatermark, src.Selection, src.Length)
	}
	if len(src.Offsets) > 0 {
		b.Offsets = pick(b.Offsets, src.Offsets, src.Selection, src.Length)
	}
	b.Length += src.Selected()
}
