package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// caseWhen is CASE: conditions and values in turn, then the value of the rows that no condition takes.
type caseWhen struct {
	kind        types.Kind
	conditions  []evaluator
	values      []evaluator
	taken, rest []int32
	out         batch.Vector
}

func (e *caseWhen) eval(f *frame, sel []int32) *batch.Vector {
	e.out.Resize(e.kind, f.rows)
	rest := sel
	for i, c := range e.conditions {
		v := c.eval(f, rest)
		e.taken = kernel.True(e.taken, v.Bool, v.Null, rest, f.rows)
		e.rest = kernel.NotTrue(e.rest, v.Bool, v.Null, rest, f.rows)
		rest = e.rest
		if len(e.taken) > 0 {
			copyRows(&e.out, e.values[i].eval(f, e.taken), e.taken, f.rows)
		}
		if len(rest) == 0 {
			return &e.out
		}
	}
	copyRows(&e.out, e.values[len(e.values)-1].eval(f, rest), rest, f.rows)
	return &e.out
}
