package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// not is NOT.
type not struct {
	arg evaluator
	out batch.Vector
}

func (e *not) eval(f *frame, sel []int32) *batch.Vector {
	v := e.arg.eval(f, sel)
	e.out.Resize(types.Boolean, f.rows)
	mergeNulls(&e.out, v)
	for i, x := range v.Bool {
		e.out.Bool[i] = !x
	}
	return &e.out
}
