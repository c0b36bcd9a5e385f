package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// literal is one value repeated; the repetition is made once for the longest batch so far.
type literal struct {
	kind types.Kind
	// value has one row.
	value *batch.Vector
	full  batch.Vector
	out   batch.Vector
}

func newLiteral(kind types.Kind, l *Literal) *literal {
	v := &batch.Vector{}
	v.Reset(kind)
	storage := kind.Storage()
	switch {
	case storage == types.StoreBool && l.Bool != nil:
		v.AppendBool(*l.Bool)
	case storage == types.StoreInt64 && l.Int64 != nil:
		v.AppendInt64(*l.Int64)
	case storage == types.StoreFloat64 && l.Float64 != nil:
		v.AppendFloat64(*l.Float64)
	case kind == types.String && l.Text != nil:
		v.AppendBytes([]byte(*l.Text))
	case kind == types.Bytes && l.Bytes != nil:
		v.AppendBytes(l.Bytes)
	default:
		v.AppendNull()
	}
	return &literal{kind: kind, value: v}
}

func (e *literal) isNull() bool { return e.value.IsNull(0) }

func (e *literal) eval(f *frame, _ []int32) *batch.Vector {
	n := f.rows
	if e.full.Kind == types.Invalid || e.full.Len() < n {
		e.repeat(n)
	}
	e.out = e.full
	if e.full.Null != nil {
		e.out.Null = e.full.Null[:n]
	}
	switch e.kind.Storage() {
	case types.StoreBool:
		e.out.Bool = e.full.Bool[:n]
	case types.StoreInt64:
		e.out.Int64 = e.full.Int64[:n]
	case types.StoreFloat64:
		e.out.Float64 = e.full.Float64[:n]
	case types.StoreBytes:
		e.out.Views = e.full.Views[:n]
	case types.StoreNone:
	}
	return &e.out
}

func (e *literal) repeat(n int) {
	e.full.Resize(e.kind, n)
	null := e.isNull()
	if null {
		marks := e.full.Nulls()
		for i := range marks {
			marks[i] = true
		}
	}
	switch e.kind.Storage() {
	case types.StoreBool:
		fill(e.full.Bool, e.value.Bool[0])
	case types.StoreInt64:
		fill(e.full.Int64, e.value.Int64[0])
	case types.StoreFloat64:
		fill(e.full.Float64, e.value.Float64[0])
	case types.StoreBytes:
		fill(e.full.Views, e.value.Views[0])
		e.full.Data = append(e.full.Data, e.value.Data...)
	case types.StoreNone:
	}
}

func fill[T any](values []T, x T) {
	for i := range values {
		values[i] = x
	}
}
