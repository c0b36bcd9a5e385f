package batch

import "github.com/millrace/millrace/runtime/types"

// View is the place of one byte-string value in its vector's Data.
type View struct{ Offset, Length uint32 }

// Vector is one column of a batch: a typed slice, chosen by the kind's storage class, and a null mark a row. Exactly
// one of the value slices is in use. A null row's value is unspecified, but its slot exists. Views may point anywhere
// into Data and may overlap, so that SUBSTRING and dictionary values copy nothing. A vector's Data stays below 4 GiB.
type Vector struct {
	// Kind is the SQL type; Kind.Storage() says which slice holds the values.
	Kind types.Kind
	// Null marks NULL rows; nil means that there is none. When not nil it has as many entries as the value slice.
	Null []bool

	Bool    []bool
	Int64   []int64
	Float64 []float64
	Views   []View
	// Data is the arena that Views point into.
	Data []byte

	// Memory that Reset hands back when the vector needs it again.
	spareNull []bool
}

// Reset empties the vector and sets its kind, keeping its memory.
func (v *Vector) Reset(kind types.Kind) {
	if v.Null != nil {
		v.spareNull = v.Null[:0]
	}
	v.Kind, v.Null = kind, nil
	v.Bool, v.Int64, v.Float64 = v.Bool[:0], v.Int64[:0], v.Float64[:0]
	v.Views, v.Data = v.Views[:0], v.Data[:0]
}

// Len returns the number of values.
func (v *Vector) Len() int {
	switch v.Kind.Storage() {
	case types.StoreBool:
		return len(v.Bool)
	case types.StoreInt64:
		return len(v.Int64)
	case types.StoreFloat64:
		return len(v.Float64)
	case types.StoreBytes:
		return len(v.Views)
	case types.StoreNone:
		return len(v.Null)
	default:
		return len(v.Null)
	}
}

// IsNull says whether row i is NULL.
func (v *Vector) IsNull(i int) bool { return v.Null != nil && v.Null[i] }

// Bytes returns the byte string of row i; it is valid until the vector is reset and must not be written to.
func (v *Vector) Bytes(i int) []byte {
	w := v.Views[i]
	return v.Data[w.Offset : w.Offset+w.Length : w.Offset+w.Length]
}

// AppendNull adds a NULL row.
func (v *Vector) AppendNull() {
	n := v.Len()
	switch v.Kind.Storage() {
	case types.StoreBool:
		v.Bool = append(v.Bool, false)
	case types.StoreInt64:
		v.Int64 = append(v.Int64, 0)
	case types.StoreFloat64:
		v.Float64 = append(v.Float64, 0)
	case types.StoreBytes:
		v.Views = append(v.Views, View{})
	case types.StoreNone:
	}
	v.ensureNull(n)
	v.Null = append(v.Null, true)
}

// AppendBool adds a value; the kind's storage must be StoreBool.
func (v *Vector) AppendBool(x bool) {
	v.Bool = append(v.Bool, x)
	v.notNull()
}

// AppendInt64 adds a value; the kind's storage must be StoreInt64.
func (v *Vector) AppendInt64(x int64) {
	v.Int64 = append(v.Int64, x)
	v.notNull()
}

// AppendFloat64 adds a value; the kind's storage must be StoreFloat64.
func (v *Vector) AppendFloat64(x float64) {
	v.Float64 = append(v.Float64, x)
	v.notNull()
}

// AppendBytes adds a copy of a byte string; the kind's storage must be StoreBytes.
func (v *Vector) AppendBytes(x []byte) {
	v.Views = append(v.Views, View{Offset: uint32(len(v.Data)), Length: uint32(len(x))}) //nolint:gosec // Data is bounded by the batch's byte bound, far below 4 GiB
	v.Data = append(v.Data, x...)
	v.notNull()
}

// AppendTail adds a row of all that was appended to Data since it had a length of start; the kind's storage must be
// StoreBytes.
func (v *Vector) AppendTail(start int) {
	v.Views = append(v.Views, View{Offset: uint32(start), Length: uint32(len(v.Data) - start)}) //nolint:gosec // Data stays below 4 GiB
	v.notNull()
}

// SetNull marks row i NULL.
func (v *Vector) SetNull(i int) {
	v.ensureNull(v.Len())
	v.Null[i] = true
}

func (v *Vector) notNull() {
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
}

// ensureNull makes the null marks exist for n rows, none of them set.
func (v *Vector) ensureNull(n int) {
	if v.Null != nil {
		return
	}
	if cap(v.spareNull) >= n {
		v.Null = v.spareNull[:n]
		clear(v.Null)
		v.spareNull = nil
		return
	}
	v.Null = make([]bool, n, max(n+1, 64))
}

// Nulls returns the null marks, making them, none set, when there are none.
func (v *Vector) Nulls() []bool {
	v.ensureNull(v.Len())
	return v.Null
}
