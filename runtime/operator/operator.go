package operator

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Output takes what an operator emits. Push may read b until it returns and must not keep it.
type Output interface {
	Push(b *batch.Batch) error
}

// Operator is one step of a chain. An error stops the task; rows that can't be processed go to the BadRows handler
// that the operator was built with, and only what that returns comes out here. After an error, or after Reset, the
// operator holds nothing of what was pushed since the last Flush.
type Operator interface {
	// Push processes the selected rows of b and emits to out.
	Push(b *batch.Batch, out Output) error
	// Advance tells that every later row has an event time of at least w; it never moves back. Rows that it causes are
	// emitted before it returns; the chain passes the watermark on afterwards.
	Advance(w types.Watermark, out Output) error
}

// Stateful is an operator that keeps state. Its state is what it has written to its view; whatever it caches besides,
// it can rebuild from there.
type Stateful interface {
	Operator
	// Open gives the operator its view, once, before the first batch. The view lives as long as the operator.
	Open(view *state.View) error
	// Flush writes what is owed to the view; called before each commit and whenever the task wants memory back.
	Flush() error
	// Reset forgets every cached value: the view was rolled back to the last commit.
	Reset() error
}

// Gradual is a Stateful that may emit in several goes what a watermark causes: a window of very many rows would otherwise be one
// transaction, which takes longer than brokers let one live.
type Gradual interface {
	Stateful
	// Behind says that Advance has left something, which Continue emits. The watermark is not passed on before nothing is left. There may be
	// rows, commits, and further watermarks, which then cause nothing at once but count for rows. What was emitted is gone from the state
	// with the commit that it is in.
	Behind() bool
	// Continue emits some of what was left.
	Continue(out Output) error
	// Resume takes the place of Advance behind Open and Reset: it tells the committed watermark, and emits nothing. What the committed state
	// says was left is still to be emitted; anything else that the watermark would cause is a Bug.
	Resume(w types.Watermark) error
}

// Holding is an operator that holds rows back without keeping state. What it holds belongs to the open commit, and to the
// time after the last watermark that it was told.
type Holding interface {
	Operator
	// Drain emits what it holds; called before each commit.
	Drain(out Output) error
	// Reset drops what it holds: the commit was aborted.
	Reset() error
}

// NoRow stands for the row where what can't be processed is a result of many.
const NoRow = -1

// BadRows decides about rows that can't be processed.
type BadRows interface {
	// Bad reports row i of b, or NoRow, with its cause. It returns nil when the row is to be left out, else the error to
	// stop with.
	Bad(b *batch.Batch, i int, cause error) error
}

// LateRows is told about rows that no window takes any more.
type LateRows interface {
	// Late reports n dropped rows; lateness is how far the latest of them was behind, in microseconds.
	Late(n int, latenessMicros int64)
}
