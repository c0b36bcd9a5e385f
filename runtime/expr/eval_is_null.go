package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// isNull is IS NULL or IS NOT NULL.
type isNull struct {
	arg    evaluator
	negate bool
	out    batch.Vector
}

func (e *isNull) eval(f *frame, sel []int32) *batch.Vector {
	v := e.arg.eval(f, sel)
	e.out.Resize(types.Boolean, f.rows)
	for i := range e.out.Bool {
		e.out.Bool[i] = v.IsNull(i) != e.negate
	}
	return &e.out
}
