package expr

import (
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
)

// frame is what one evaluation works on.
type frame struct {
	batch *batch.Batch
	// rows is the length of every vector in this evaluation.
	rows int
	// errors are in the order in which they came up; a row may have several.
	errors []RowError
}

func (f *frame) reset(b *batch.Batch) { f.batch, f.rows, f.errors = b, b.Length, f.errors[:0] }

// fail says that a call has no value at a row.
func (f *frame) fail(row int, at fault.Place, err *fault.Error) {
	f.errors = append(f.errors, RowError{Row: int32(row), Err: err.At(at)}) //nolint:gosec // a batch has far fewer rows than 2^31
}

// failures returns the first error of each row, in row order; nil when there is none.
func (f *frame) failures() []RowError {
	if len(f.errors) == 0 {
		return nil
	}
	slices.SortStableFunc(f.errors, func(a, b RowError) int { return int(a.Row) - int(b.Row) })
	f.errors = slices.CompactFunc(f.errors, func(a, b RowError) bool { return a.Row == b.Row })
	return f.errors
}
