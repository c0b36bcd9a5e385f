package expr

import "github.com/millrace/millrace/runtime/batch"

// column is the batch's own vector.
type column struct{ index int }

func (e *column) eval(f *frame, _ []int32) *batch.Vector { return &f.batch.Columns[e.index] }
