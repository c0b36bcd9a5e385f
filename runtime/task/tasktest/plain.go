package tasktest

import (
	"maps"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

// NewPlainWorker returns a worker without transactions: what it writes is read at once, and stays. Its tasks must know that
// (task.Config.Untransacted). Of its methods Commit, Abort and AbortSealed are not for it.
func NewPlainWorker(log *Log, backend state.Backend, factory func(emit task.Emit) Factory) *Worker {
	w := &Worker{log: log, backend: backend, owned: map[TaskID]*owned{}, plain: true}
	w.begin()
	w.factory = factory(w)
	return w
}

// Plant makes it wrong from now on: its replays, or tacit, that it does not commit a task's ownership epoch when it opens it.
func (w *Worker) Plant(p task.Plants, tacit bool) { w.plants, w.tacit = p, tacit }

// Sealed is what a plain worker has written, to be confirmed.
type Sealed struct {
	metas  map[TaskID]task.Meta
	sealed []TaskID
}

// Seal writes the tail of a commit.
func (w *Worker) Seal() (Sealed, error) {
	s := Sealed{metas: map[TaskID]task.Meta{}}
	for _, id := range w.Owns() {
		t := w.owned[id].task
		if !t.Pending() {
			s.metas[id] = t.Meta()
			continue
		}
		sealed, err := t.Seal()
		if err != nil {
			return s, err
		}
		s.metas[id] = sealed.Meta
		s.sealed = append(s.sealed, id)
	}
	return s, nil
}

// Confirm commits the offsets of what was sealed, as long as the worker has not lost a task. If it has, false is
// returned: it can only be let go.
func (w *Worker) Confirm(s Sealed) (bool, error) {
	for id := range s.metas {
		if w.log.owners[id] != w {
			return false, nil
		}
	}
	maps.Copy(w.log.metas, s.metas)
	ends := w.touched
	w.begin()
	for _, id := range s.sealed {
		if err := w.owned[id].task.Committed(ends[partitionOf{id.Changelog, id.Partition}]); err != nil {
			return true, err
		}
	}
	return true, nil
}

// LetGo ends a plain worker in the middle of everything.
func (w *Worker) LetGo() error {
	for _, id := range w.Owns() {
		if err := w.Release(id); err != nil {
			return err
		}
	}
	return nil
}
