package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

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
