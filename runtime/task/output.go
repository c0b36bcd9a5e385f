package task

import (
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Output is the end of a branch.
type Output interface {
	// Push takes rows; it must not keep b.
	Push(b *batch.Batch) error
	// Advance tells the task's watermark and whether it is idle, after the rows that led to it.
	Advance(w types.Watermark, idle bool) error
	// Seal writes what is held back; a commit follows.
	Seal() error
	// Restore opens the output at a committed watermark, or takes it back to it after an abort.
	Restore(w types.Watermark, idle bool)
	// Close ends it; nothing is written.
	Close()
}

// stater is an Output that has something to say although no row came.
type stater interface {
	Tick(now time.Time)
	Pending() bool
}

// cutter is an Output that tells others what belongs before a savepoint.
type cutter interface {
	// Cut says that everything pushed so far belongs before it, and that nothing is pushed until Cut is called with 0.
	Cut(cut int64)
}
