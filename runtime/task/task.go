package task

import (
	"time"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Task is one stage on one partition. runtime/build makes it. One goroutine uses it.
type Task struct {
	committed Meta
}

func (t *Task) closed() error { return fault.New(fault.Bug, fault.Place{}, "the task is not open") }

// ID returns "<stage>/<partition>", the name of the task's store.
func (t *Task) ID() string { return "" }

// Open begins the task's life in this worker: at the metadata of its committed offset, or at Meta{Offset: start} when
// it has never committed. store is nil for a task without state; else it holds everything that the changelog does (see
// Replay), and Open compares the two and refuses with a Corrupt error where they differ. The ownership epoch in Meta is
// one higher afterwards.
func (t *Task) Open(_ state.Store, _ Meta) error { return t.closed() }

// Process takes records of the task's input in offset order, any number, and runs them to the outputs. Records at or
// beyond the end of a bounded input are left out. After an error only Rollback and Close may be called.
func (t *Task) Process(_ []Record) error { return t.closed() }

// SetPosition says that everything before next was consumed, although no record shows it: markers and compacted
// offsets. It does not make the task Pending, except where it reaches the end of a bounded input.
func (t *Task) SetPosition(_ int64) error { return t.closed() }

// SetEnd bounds the input: the task is at the end of its input when its position reaches offset.
func (t *Task) SetEnd(_ int64) error { return t.closed() }

// Tick looks at the clock: idle partitions and watermark statements that are due. caughtUp says that everything the
// partition is known to hold was processed. It emits nothing, but may make the task Pending.
func (t *Task) Tick(_ time.Time, _ bool) error { return t.closed() }

// Pending says whether a commit with this task would do something. Tasks that are not pending take part in a commit
// by their last Meta, unsealed.
func (t *Task) Pending() bool { return false }

// Seal flushes operators and outputs, and emits the changelog. Exactly one of Committed and Rollback follows.
func (t *Task) Seal() (Sealed, error) { return Sealed{}, t.closed() }

// Committed says that the transaction of the last Seal was applied. changelogOffset is the offset after the task's
// last changelog record; it is ignored by a task without state.
func (t *Task) Committed(_ int64) error { return t.closed() }

// Rollback drops everything since the last commit.
func (t *Task) Rollback() error { return t.closed() }

// Close ends the task in this worker; it writes nothing. The store stays open, it is the caller's.
func (t *Task) Close() error { return t.closed() }

// Meta returns the last commit, with the present owner; Offset is where to seek to after Open and Rollback.
func (t *Task) Meta() Meta { return t.committed }

// Position returns the next input offset, uncommitted progress included.
func (t *Task) Position() int64 { return t.committed.Offset }

// Finished says that the input is bounded and was processed to its end; it is done for good once that is committed.
func (t *Task) Finished() bool { return false }

// Watermark returns the task's own watermark.
func (t *Task) Watermark() types.Watermark { return types.NoWatermark }

// Progress returns what was done since Open.
func (t *Task) Progress() Progress { return Progress{} }
