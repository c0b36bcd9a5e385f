package memory

import (
	"sync"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// Backend keeps the stores of a worker in memory. It is safe for concurrent use.
type Backend struct {
	mu     sync.Mutex
	stores map[string]*kept
}

// kept is what stays of a task between two stores of it.
type kept struct {
	data     data
	position state.Position
	open     bool
}

// New returns an empty backend.
func New() *Backend { return &Backend{stores: map[string]*kept{}} }

// Open returns the store of a task, empty or as it was left.
func (b *Backend) Open(task string) (state.Store, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.stores[task]
	if k == nil {
		k = &kept{}
		b.stores[task] = k
	}
	if k.open {
		return nil, fault.New(fault.Bug, fault.Place{}, "the state of task %s is open already", task)
	}
	k.open = true
	return &store{backend: b, kept: k}, nil
}

// Drop forgets a task.
func (b *Backend) Drop(task string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.stores[task]; k != nil && k.open {
		return fault.New(fault.Bug, fault.Place{}, "the state of task %s is dropped while it is open", task)
	}
	delete(b.stores, task)
	return nil
}

// Close forgets everything.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for task, k := range b.stores {
		if k.open {
			return fault.New(fault.Bug, fault.Place{}, "the state of task %s is open while its backend closes", task)
		}
	}
	b.stores = map[string]*kept{}
	return nil
}
