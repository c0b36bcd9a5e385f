package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

const (
	// mostTextBytes bounds one computed string; mostArenaBytes bounds those of one batch together, for which a vector's
	// views would have room up to 4 GiB.
	mostTextBytes  = 8 << 20
	mostArenaBytes = 1 << 30
)

// rowFunc computes row i of out from the arguments, none of which is NULL there: it sets the row's slot, or makes it NULL,
// or says why the row has no value.
type rowFunc func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error

// rows is a function that is computed a row at a time, NULL where an argument is.
type rows struct {
	at   fault.Place
	kind types.Kind
	args []evaluator
	f    rowFunc
	// within says that the result's strings are parts of the first argument's.
	within bool
	// try turns failures into NULL.
	try  bool
	in   []*batch.Vector
	out  batch.Vector
	live liveRows
}

func (e *rows) eval(f *frame, sel []int32) *batch.Vector {
	e.in = e.in[:0]
	for _, a := range e.args {
		e.in = append(e.in, a.eval(f, sel))
	}
	e.out.Resize(e.kind, f.rows)
	for _, v := range e.in {
		mergeNulls(&e.out, v)
	}
	if e.within {
		e.out.Data = e.in[0].Data // borrowed, and never appended to
	}
	live := e.live.of(&e.out, sel, f.rows)
	if live == nil {
		for i := range f.rows {
			e.row(f, i)
		}
		return &e.out
	}
	for _, i := range live {
		e.row(f, int(i))
	}
	return &e.out
}

func (e *rows) row(f *frame, i int) {
	start := len(e.out.Data)
	err := e.f(&e.out, e.in, i)
	if err == nil && !e.within && (len(e.out.Data)-start > mostTextBytes || len(e.out.Data) > mostArenaBytes) {
		e.out.Data = e.out.Data[:start]
		err = tooLong()
	}
	if err == nil {
		return
	}
	e.out.SetNull(i)
	if !e.try {
		f.fail(i, e.at, err)
	}
}

func tooLong() *fault.Error {
	return fault.New(fault.Data, fault.Place{}, "the result is longer than %d bytes", mostTextBytes)
}
