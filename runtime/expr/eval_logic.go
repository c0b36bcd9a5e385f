package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// logic is AND, which FALSE decides, or OR, which TRUE decides; later arguments see undecided rows only.
type logic struct {
	args   []evaluator
	decide bool
	out    batch.Vector
	rest   []int32
	passed [2][]int32
}

func (e *logic) eval(f *frame, sel []int32) *batch.Vector {
	e.out.Resize(types.Boolean, f.rows)
	first := e.args[0].eval(f, sel)
	copy(e.out.Bool, first.Bool)
	mergeNulls(&e.out, first)
	rest := sel
	for _, arg := range e.args[1:] {
		rest = e.undecided(rest, f.rows)
		if len(rest) == 0 {
			break
		}
		e.combine(arg.eval(f, rest), rest)
	}
	return &e.out
}

func (e *logic) undecided(sel []int32, n int) []int32 {
	if e.decide {
		e.rest = kernel.NotTrue(e.rest, e.out.Bool, e.out.Null, sel, n)
	} else {
		e.rest = kernel.NotFalse(e.rest, e.out.Bool, e.out.Null, sel, n)
	}
	return e.rest
}

// combine brings the next argument's values in on rows that are undecided so far.
func (e *logic) combine(v *batch.Vector, sel []int32) {
	if v.Null == nil && e.out.Null == nil {
		for _, i := range sel {
			e.out.Bool[i] = v.Bool[i]
		}
		return
	}
	marks := e.out.Nulls()
	for _, i := range sel {
		null := v.Null != nil && v.Null[i]
		decided := !null && v.Bool[i] == e.decide
		e.out.Bool[i] = decided == e.decide
		marks[i] = !decided && (null || marks[i])
	}
}

// selectTrue lets each side of an AND narrow the selection; a row that is NULL on one side is out at once. Of an OR, it
// looks at the value.
func (e *logic) selectTrue(f *frame, sel, dst []int32) []int32 {
	if e.decide {
		v := e.eval(f, sel)
		return kernel.True(dst, v.Bool, v.Null, sel, f.rows)
	}
	last := len(e.args) - 1
	for i, arg := range e.args[:last] {
		buffer := &e.passed[i%2] // not the one that sel is in
		*buffer = selectTrue(f, arg, sel, *buffer)
		sel = *buffer
	}
	return selectTrue(f, e.args[last], sel, dst)
}
