package tasktest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

// Factory makes a worker's tasks; its exchange writers belong to that worker.
type Factory func(id TaskID) (*task.Task, error)

// Worker owns tasks and one open transaction.
type Worker struct {
	log     *Log
	backend state.Backend
	factory Factory

	plain   bool // no transactions
	tacit   bool // a bug: it says nothing when it opens a task
	plants  task.Plants
	txn     *txn
	touched map[partitionOf]int64 // written in this transaction, and the offset after the last record
	owned   map[TaskID]*owned
	asked   int64
}

type partitionOf struct {
	topic     string
	partition int32
}

type owned struct {
	task  *task.Task
	store state.Store
}

// NewWorker returns a worker without tasks. The backend's stores may hold an older commit.
func NewWorker(log *Log, backend state.Backend, factory func(emit task.Emit) Factory) *Worker {
	w := &Worker{log: log, backend: backend, owned: map[TaskID]*owned{}}
	w.begin()
	w.factory = factory(w)
	return w
}

func (w *Worker) begin() {
	w.txn, w.touched = &txn{}, map[partitionOf]int64{}
	if w.plain {
		w.txn = nil
	}
}

// Tail implements task.Emit: values are copied.
func (w *Worker) Tail(_ string, _ int32, n int) []byte { return make([]byte, 0, n) }

// Emit implements task.Emit.
func (w *Worker) Emit(topic string, partition int32, key, value []byte) error {
	if n := w.log.Partitions(topic); n == 0 || int(partition) >= n {
		return fmt.Errorf("no partition %d of %s", partition, topic)
	}
	if partition < 0 {
		partition = w.log.next % int32(w.log.Partitions(topic))
		w.log.next++
	}
	w.touched[partitionOf{topic, partition}] = w.log.append(topic, partition, key, value, w.txn)
	return nil
}

// Own restores and opens a task, as an owner that comes after the last commit of the one before.
func (w *Worker) Own(id TaskID) error {
	t, err := w.factory(id)
	if err != nil {
		return err
	}
	o := &owned{task: t}
	if id.Changelog != "" {
		if o.store, err = w.restore(id, t.ID()); err != nil {
			return err
		}
	}
	if err := t.Open(o.store, w.log.Meta(id)); err != nil {
		return err
	}
	w.owned[id] = o
	if w.plain {
		w.log.owners[id] = w
		if !w.tacit {
			w.log.metas[id] = t.Meta()
		}
	}
	return t.Ask(w.asked)
}

// restore opens a task's store and brings it up to its changelog.
func (w *Worker) restore(id TaskID, name string) (state.Store, error) {
	store, err := w.backend.Open(name)
	if err != nil {
		return nil, err
	}
	if err := w.log.reach(store, id.Changelog, id.Partition); err != nil {
		return nil, err
	}
	replay := task.NewReplay(store)
	replay.Plants = w.plants
	records, _ := w.log.Read(id.Changelog, id.Partition, store.Position().Offset, 1<<30)
	for _, r := range records {
		if err := replay.Add(r.Offset, r.Value); err != nil {
			return nil, err
		}
	}
	if err := replay.Settle(w.log.Meta(id)); err != nil {
		return nil, err
	}
	return store, replay.Done()
}

// Ask asks all tasks for a cut, those too that the worker will own; 0 lets them go on.
func (w *Worker) Ask(cut int64) error {
	w.asked = cut
	for _, id := range w.Owns() {
		if err := w.owned[id].task.Ask(cut); err != nil {
			return err
		}
	}
	return nil
}

// Store returns the store of an owned task with state.
func (w *Worker) Store(id TaskID) state.Store { return w.owned[id].store }

// Owns lists the worker's tasks in a fixed order.
func (w *Worker) Owns() []TaskID {
	return slices.SortedFunc(maps.Keys(w.owned), func(a, b TaskID) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Partition, b.Partition))
	})
}

// Task returns an owned task, or nil.
func (w *Worker) Task(id TaskID) *task.Task {
	if o := w.owned[id]; o != nil {
		return o.task
	}
	return nil
}

// Step gives a task at most n records and returns how many there were; none where it takes no input now.
func (w *Worker) Step(id TaskID, n int) (int, error) {
	t := w.owned[id].task
	if t.Held() || t.Importing() {
		return 0, nil
	}
	records, position := w.log.Read(id.Topic, id.Partition, t.Position(), n)
	if err := t.Process(records); err != nil {
		return 0, err
	}
	return len(records), t.SetPosition(position)
}

// Tick tells all tasks the time.
func (w *Worker) Tick(now time.Time) error {
	for _, id := range w.Owns() {
		t := w.owned[id].task
		if err := t.Tick(now, t.Position() >= w.log.End(id.Topic, id.Partition)); err != nil {
			return err
		}
	}
	return nil
}

// Pending says whether a commit would do something.
func (w *Worker) Pending() bool {
	for _, o := range w.owned {
		if o.task.Pending() {
			return true
		}
	}
	return false
}

// Commit seals the tasks that are pending and commits the transaction with the offsets of all.
func (w *Worker) Commit() error {
	metas := map[TaskID]task.Meta{}
	var sealed []TaskID
	for _, id := range w.Owns() {
		t := w.owned[id].task
		if !t.Pending() {
			metas[id] = t.Meta()
			continue
		}
		s, err := t.Seal()
		if err != nil {
			return err
		}
		metas[id] = s.Meta
		sealed = append(sealed, id)
	}
	ends := w.touched
	w.end(true)
	maps.Copy(w.log.metas, metas)
	for _, id := range sealed {
		if err := w.owned[id].task.Committed(ends[partitionOf{id.Changelog, id.Partition}]); err != nil {
			return err
		}
	}
	return nil
}

// Abort aborts the transaction and rolls every task back.
func (w *Worker) Abort() error {
	w.end(false)
	for _, id := range w.Owns() {
		if err := w.owned[id].task.Rollback(); err != nil {
			return err
		}
	}
	return nil
}

// AbortSealed is Abort after the tasks have written all that belongs to their commit: its end was refused.
func (w *Worker) AbortSealed() error {
	for _, id := range w.Owns() {
		if t := w.owned[id].task; t.Pending() {
			if _, err := t.Seal(); err != nil {
				return err
			}
		}
	}
	return w.Abort()
}

// end closes the transaction with markers, in a fixed order.
func (w *Worker) end(committed bool) {
	w.txn.over, w.txn.committed = true, committed
	list := slices.SortedFunc(maps.Keys(w.touched), func(a, b partitionOf) int {
		return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.partition, b.partition))
	})
	for _, p := range list {
		w.log.marker(p.topic, p.partition)
	}
	w.begin()
}

// Release closes a task, after a Commit or Abort that nothing followed.
func (w *Worker) Release(id TaskID) error {
	o := w.owned[id]
	delete(w.owned, id)
	o.task.Close()
	if o.store == nil {
		return nil
	}
	return o.store.Close()
}

// Crash ends the worker in the middle of everything: the broker aborts its transaction, and its tasks are let go.
func (w *Worker) Crash() error {
	w.end(false)
	for _, id := range w.Owns() {
		if err := w.Release(id); err != nil {
			return err
		}
	}
	return nil
}
