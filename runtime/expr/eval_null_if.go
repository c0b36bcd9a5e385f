package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// nullIf is NULLIF.
type nullIf struct {
	kind  types.Kind
	a, b  evaluator
	equal batch.Vector
	live  liveRows
	out   batch.Vector
}

func (e *nullIf) eval(f *frame, sel []int32) *batch.Vector {
	x, y := e.a.eval(f, sel), e.b.eval(f, sel)
	e.out.Resize(e.kind, f.rows)
	copyRows(&e.out, x, sel, f.rows)
	e.equal.Resize(types.Boolean, f.rows)
	mergeNulls(&e.equal, x)
	mergeNulls(&e.equal, y)
	live := e.live.of(&e.equal, sel, f.rows)
	comparing{}.apply(e.equal.Bool, x, y, live)
	e.live.rows = kernel.True(e.live.rows, e.equal.Bool, nil, live, f.rows)
	for _, i := range e.live.rows {
		e.out.SetNull(int(i))
	}
	return &e.out
}
