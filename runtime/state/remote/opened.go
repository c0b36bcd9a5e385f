package remote

import (
	"sync"

	"github.com/millrace/millrace/runtime/fault"
)

// Opened counts the tasks of a backend that are open in this process. The zero value has none. It is safe for concurrent use.
type Opened struct {
	mu    sync.Mutex
	tasks map[string]bool
}

// Take says that a task is open from now on; one that is open already is a Bug.
func (o *Opened) Take(task string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tasks[task] {
		return fault.New(fault.Bug, fault.Place{}, "the state of task %s is open already", task)
	}
	if o.tasks == nil {
		o.tasks = map[string]bool{}
	}
	o.tasks[task] = true
	return nil
}

// Give says that a task is not open any more.
func (o *Opened) Give(task string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.tasks, task)
}

// None is a Bug where tasks are open.
func (o *Opened) None() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.tasks) > 0 {
		return fault.New(fault.Bug, fault.Place{}, "the state of %d tasks is open while its backend closes", len(o.tasks))
	}
	return nil
}
