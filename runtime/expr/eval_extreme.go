package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// extreme is GREATEST or LEAST.
type extreme struct {
	kind   types.Kind
	args   []evaluator
	least  bool
	better []bool
	live   liveRows
	take   []int32
	out    batch.Vector
}

func (e *extreme) eval(f *frame, sel []int32) *batch.Vector {
	e.out.Resize(e.kind, f.rows)
	copyRows(&e.out, e.args[0].eval(f, sel), sel, f.rows)
	for len(e.better) < f.rows {
		e.better = append(e.better, false)
	}
	for _, a := range e.args[1:] {
		v := a.eval(f, sel)
		mergeNulls(&e.out, v)
		live := e.live.of(&e.out, sel, f.rows)
		comparing{less: true, swap: e.least}.apply(e.better[:f.rows], &e.out, v, live)
		e.take = kernel.True(e.take, e.better[:f.rows], nil, live, f.rows)
		copyRows(&e.out, v, e.take, f.rows)
	}
	return &e.out
}
