package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// toDouble converts integers; it can't fail.
type toDouble struct {
	arg evaluator
	out batch.Vector
}

func (e *toDouble) eval(f *frame, sel []int32) *batch.Vector {
	v := e.arg.eval(f, sel)
	e.out.Resize(types.Double, f.rows)
	mergeNulls(&e.out, v)
	for i, x := range v.Int64 {
		e.out.Float64[i] = float64(x)
	}
	return &e.out
}
