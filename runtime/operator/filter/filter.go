package filter

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

// Filter is the operator.
type Filter struct {
	predicate *expr.Program
	bad       operator.BadRows
	out       batch.Batch
	selection []int32
}

// New returns a filter by a BOOLEAN program, which is its own from now on. Rows on which it fails go to bad.
func New(predicate *expr.Program, bad operator.BadRows) *Filter {
	return &Filter{predicate: predicate, bad: bad}
}

// Push passes on the rows of b on which the predicate is TRUE.
func (f *Filter) Push(b *batch.Batch, out operator.Output) error {
	selection, failures, err := f.predicate.Select(b, f.selection[:0])
	if err != nil {
		return err
	}
	f.selection = selection
	for _, e := range failures {
		if err := f.bad.Bad(b, int(e.Row), e.Err); err != nil {
			return err
		}
	}
	if len(selection) == 0 {
		return nil
	}
	f.out = *b
	f.out.Selection = selection
	return out.Push(&f.out)
}

// Advance has nothing to emit.
func (f *Filter) Advance(types.Watermark, operator.Output) error { return nil }
