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

func (e *compare) eval(f *frame, sel []int32) *batch.Vector {
	x, y := e.a.eval(f, sel), e.b.eval(f, sel)
	e.out.Resize(types.Boolean, f.rows)
	mergeNulls(&e.out, x)
	mergeNulls(&e.out, y)
	if x.Kind.Storage() == types.StoreBytes { // what a NULL row of numbers holds does no harm; its view may point anywhere
		sel = e.live.of(&e.out, sel, f.rows)
	}
	e.apply(e.out.Bool, x, y, sel)
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
