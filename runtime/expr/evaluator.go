package expr

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
)

// evaluator computes one node of an expression over batches, and keeps the memory that it needs from batch to batch.
type evaluator interface {
	// eval returns a vector of f.rows slots, of which those of the selection (nil: all) hold the values. It is the
	// evaluator's own, valid until the next eval. Rows that fail are reported to f and are NULL.
	eval(f *frame, sel []int32) *batch.Vector
}

// selector is an evaluator of kind BOOLEAN that can find the TRUE rows without making a vector first.
type selector interface {
	// selectTrue writes the rows of sel that are TRUE to dst and returns it, never nil. dst must not be sel's memory.
	selectTrue(f *frame, sel, dst []int32) []int32
}

func selectTrue(f *frame, e evaluator, sel, dst []int32) []int32 {
	if s, ok := e.(selector); ok {
		return s.selectTrue(f, sel, dst)
	}
	v := e.eval(f, sel)
	return kernel.True(dst, v.Bool, v.Null, sel, f.rows)
}

// mergeNulls marks the rows of out that are NULL in v.
func mergeNulls(out, v *batch.Vector) {
	switch {
	case v.Null == nil:
	case out.Null == nil:
		copy(out.Nulls(), v.Null)
	default:
		kernel.OrNulls(out.Null, v.Null)
	}
}

// liveRows holds the selection of those rows of another one that are not NULL.
type liveRows struct{ rows []int32 }

func (l *liveRows) of(v *batch.Vector, sel []int32, n int) []int32 {
	if v.Null == nil {
		return sel
	}
	l.rows = kernel.NotNull(l.rows, v.Null, sel, n)
	return l.rows
}
