package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// compare is one of the six comparisons. Each is equality or less-than, with its sides swapped or its result negated,
// which is right because the order is total.
type compare struct {
	a, b evaluator
	comparing
	out  batch.Vector
	live liveRows
}

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

func (e *compare) eval(f *frame, sel []int32) *batch.Vector {
	x, y := e.a.eval(f, sel), e.b.eval(f, sel)
	e.out.Resize(types.Boolean, f.rows)
	mergeNulls(&e.out, x)
	mergeNulls(&e.out, y)
	e.apply(e.out.Bool, x, y, e.live.of(&e.out, sel, f.rows))
	return &e.out
}

func (e *compare) selectTrue(f *frame, sel, dst []int32) []int32 {
	x, y := e.a.eval(f, sel), e.b.eval(f, sel)
	if e.swap {
		x, y = y, x
	}
	if x.Null != nil {
		e.live.rows = kernel.NotNull(e.live.rows, x.Null, sel, f.rows)
		sel = e.live.rows
	}
	if y.Null != nil {
		e.live.rows = kernel.NotNull(e.live.rows, y.Null, sel, f.rows)
		sel = e.live.rows
	}
	switch storage := x.Kind.Storage(); {
	case storage == types.StoreInt64 && e.less:
		return kernel.SelectLess(dst, x.Int64, y.Int64, sel, e.negate)
	case storage == types.StoreInt64:
		return kernel.SelectEqual(dst, x.Int64, y.Int64, sel, e.negate)
	case storage == types.StoreFloat64 && e.less:
		return kernel.SelectLess(dst, x.Float64, y.Float64, sel, e.negate)
	case storage == types.StoreFloat64:
		return kernel.SelectEqual(dst, x.Float64, y.Float64, sel, e.negate)
	}
	e.out.Resize(types.Boolean, f.rows)
	comparing{less: e.less, negate: e.negate}.apply(e.out.Bool, x, y, sel)
	return kernel.True(dst, e.out.Bool, nil, sel, f.rows)
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

// distinct is IS DISTINCT FROM.
type distinct struct {
	a, b     evaluator
	out      batch.Vector
	live     liveRows
	nullness batch.Vector
}

func (e *distinct) eval(f *frame, sel []int32) *batch.Vector {
	x, y := e.a.eval(f, sel), e.b.eval(f, sel)
	e.out.Resize(types.Boolean, f.rows)
	if x.Null == nil && y.Null == nil {
		comparing{negate: true}.apply(e.out.Bool, x, y, sel)
		return &e.out
	}
	// With a NULL somewhere the two differ if only one is NULL.
	e.nullness.Resize(types.Boolean, f.rows)
	mergeNulls(&e.nullness, x)
	mergeNulls(&e.nullness, y)
	for i := range e.out.Bool {
		e.out.Bool[i] = x.IsNull(i) != y.IsNull(i)
	}
	comparing{negate: true}.apply(e.out.Bool, x, y, e.live.of(&e.nullness, sel, f.rows))
	return &e.out
}
