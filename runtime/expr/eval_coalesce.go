package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// coalesce is COALESCE.
type coalesce struct {
	kind        types.Kind
	args        []evaluator
	found, rest []int32
	out         batch.Vector
}

func (e *coalesce) eval(f *frame, sel []int32) *batch.Vector {
	e.out.Resize(e.kind, f.rows)
	rest := sel
	for _, a := range e.args {
		v := a.eval(f, rest)
		if v.Null == nil {
			copyRows(&e.out, v, rest, f.rows)
			return &e.out
		}
		e.found = kernel.NotNull(e.found, v.Null, rest, f.rows)
		copyRows(&e.out, v, e.found, f.rows)
		e.rest = kernel.Null(e.rest, v.Null, rest, f.rows)
		rest = e.rest
		if len(rest) == 0 {
			return &e.out
		}
	}
	for _, i := range rest {
		e.out.SetNull(int(i))
	}
	return &e.out
}
