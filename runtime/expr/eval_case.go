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

// copyRows copies the selected rows, which out has not been given before or not as NULL.
func copyRows(out, v *batch.Vector, sel []int32, n int) {
	if v.Null != nil {
		marks := out.Nulls()
		if sel == nil {
			copy(marks, v.Null)
		}
		for _, i := range sel {
			marks[i] = v.Null[i]
		}
	}
	switch out.Kind.Storage() {
	case types.StoreBool:
		copyValues(out.Bool, v.Bool, sel)
	case types.StoreInt64:
		copyValues(out.Int64, v.Int64, sel)
	case types.StoreFloat64:
		copyValues(out.Float64, v.Float64, sel)
	case types.StoreBytes:
		copyStrings(out, v, sel, n)
	case types.StoreNone:
	}
}

func copyValues[T any](dst, src []T, sel []int32) {
	if sel == nil {
		copy(dst, src)
		return
	}
	for _, i := range sel {
		dst[i] = src[i]
	}
}

func copyStrings(out, v *batch.Vector, sel []int32, n int) {
	if sel == nil {
		for i := range n {
			if !v.IsNull(i) {
				out.SetBytes(i, v.Bytes(i))
			}
		}
		return
	}
	for _, i := range sel {
		if !v.IsNull(int(i)) {
			out.SetBytes(int(i), v.Bytes(int(i)))
		}
	}
}

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
