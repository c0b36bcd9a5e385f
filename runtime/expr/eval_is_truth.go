package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// isTruth is IS TRUE or IS FALSE.
type isTruth struct {
	arg  evaluator
	want bool
	out  batch.Vector
}

func (e *isTruth) eval(f *frame, sel []int32) *batch.Vector {
	v := e.arg.eval(f, sel)
	e.out.Resize(types.Boolean, f.rows)
	for i, x := range v.Bool {
		e.out.Bool[i] = x == e.want && !v.IsNull(i)
	}
	return &e.out
}
