package task

import (
	"time"

	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// input is where a task's rows and watermark come from: a source partition or an exchange's.
type input interface {
	// process decodes records, all of them the task's and in order, and runs their rows.
	process(t *Task, records []Record) error
	// mark returns the watermark that the rows run so far justify.
	mark() (w types.Watermark, idle bool)
	// restore goes to a commit.
	restore(m Meta, channels *watermark.Channels)
	// tick looks at the clock; true means that mark changed.
	tick(now time.Time, caughtUp bool) bool
	// end says that the bounded input was read to its end; false means that such an input has no end of its own.
	end() bool
}
