package task

import "github.com/millrace/millrace/runtime/fault"

// phase is where a task is in its life.
//
//	fresh ─Open─► running ─Seal─► sealing ─Committed─► running
//	                 │  ▲            │
//	               error└──Rollback──┤
//	                 ▼               │
//	              failed ◄───────────┘ error       any ─Close─► closed
type phase uint8

const (
	fresh phase = iota
	running
	sealing
	failed
	closed
)

func (p phase) String() string {
	switch p {
	case fresh:
		return "not open"
	case running:
		return "running"
	case sealing:
		return "sealed"
	case failed:
		return "failed"
	case closed:
		return "closed"
	default:
		return "unknown"
	}
}

// misused is the error of a call that the task's phase does not allow.
func (t *Task) misused(what string) error {
	return fault.New(fault.Bug, fault.Place{}, "task %s, %s, was %s", t.ID(), t.phase, what)
}

// broken stops the task: what it holds is in no particular state until a rollback.
func (t *Task) broken(err error) error {
	t.phase = failed
	return err
}
