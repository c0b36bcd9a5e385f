package worker

import (
	"strconv"
	"strings"
	"sync"

	"github.com/millrace/millrace/runtime/balance"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/state"
)

// words is what a worker says of tasks when it joins its group: how busy its own are, and what it has of others' state. It outlives sessions. It
// is safe for concurrent use.
type words struct {
	keeper state.Keeper               // nil: the state is not kept here
	inputs map[string]kafka.Partition // of stages with state, by their names; the number says nothing
	least  int64                      // bytes of state that make a task wait for a warm copy; 0 and below: none does

	mu      sync.Mutex
	tasks   map[kafka.Partition]balance.Word
	lost    map[kafka.Partition]uint8 // steps of tasks that were taken away since the last assignment
	told    map[kafka.Partition]balance.Notice
	warmths map[kafka.Partition]balance.Warmth
	asked   map[kafka.Partition]bool  // those that are warm, and the group was asked for
	said    map[kafka.Partition]uint8 // the steps of tasks when they were last said
	sizes   map[string]int64          // bytes of the stores that are kept, by task
}

func newWords(cfg *Config) *words {
	w := &words{inputs: map[string]kafka.Partition{}, least: cfg.WarmUpLeastBytes, sizes: map[string]int64{}}
	w.keeper, _ = cfg.Backend.(state.Keeper)
	for i, s := range cfg.Plan.Stages {
		if s.Stateful {
			w.inputs[s.Name] = kafka.Partition{Topic: cfg.input(i)}
		}
	}
	w.begin()
	return w
}

// begin forgets what was of a session.
func (w *words) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tasks, w.warmths, w.said = map[kafka.Partition]balance.Word{}, map[kafka.Partition]balance.Warmth{}, nil
	w.lost, w.told, w.asked = map[kafka.Partition]uint8{}, nil, map[kafka.Partition]bool{}
}

// warms says that the worker warms up for tasks.
func (w *words) warms() bool { return w.keeper != nil && w.least > 0 && len(w.inputs) > 0 }

// says returns it all. The state of a task whose store is open has no position: it is our own, or warmed up for and on the move.
func (w *words) says() map[kafka.Partition]balance.Word {
	var kept map[string]state.Position
	if w.keeper != nil {
		kept, _ = w.keeper.Kept() // without, the group knows less
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	all, said := map[kafka.Partition]balance.Word{}, map[kafka.Partition]uint8{}
	for task, at := range kept {
		if p, ok := w.inputOf(task); ok {
			all[p] = balance.Word{Position: at.Offset}
		}
	}
	for p, step := range w.lost {
		word := all[p]
		word.Step = step
		all[p] = word
	}
	for p, n := range w.told {
		if n.Next {
			word := all[p]
			word.Next = true
			all[p] = word
		}
	}
	for p, word := range w.tasks {
		all[p], said[p] = word, word.Step
	}
	for p, warmth := range w.warmths {
		word := all[p]
		word.Warmth = warmth
		all[p] = word
	}
	w.said = said
	return all
}

// inputOf returns what a task reads.
func (w *words) inputOf(task string) (kafka.Partition, bool) {
	i := strings.LastIndexByte(task, '/')
	if i < 0 {
		return kafka.Partition{}, false
	}
	in, ok := w.inputs[task[:i]]
	n, err := strconv.ParseInt(task[i+1:], 10, 32)
	in.Number = int32(n)
	return in, ok && err == nil && n >= 0
}

// own takes what there is to say of the worker's tasks.
func (w *words) own(tasks map[kafka.Partition]*running) {
	now := make(map[kafka.Partition]balance.Word, len(tasks))
	for p, t := range tasks {
		now[p] = balance.Word{Step: t.load.step, Heavy: t.store != nil && w.warms() && t.readBack() >= w.least}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tasks = now
}

// assigned takes what the worker is told of tasks with an assignment. What was said for that one is over.
func (w *words) assigned(told map[kafka.Partition]balance.Notice) {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.lost)
	w.told = told
}

// stepOf returns the load of a task that we are given, 0 where nobody knows it.
func (w *words) stepOf(p kafka.Partition) uint8 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told[p].Step
}

// differ says that the tasks' load is another one than the group was told.
func (w *words) differ() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	var before, now []uint8
	for p, word := range w.tasks {
		if step, ok := w.said[p]; ok {
			before, now = append(before, step), append(now, word.Step)
		}
	}
	return balance.Differs(before, now)
}

// warmth takes how far a warm-up is; Cold is the end of it.
func (w *words) warmth(p kafka.Partition, is balance.Warmth) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if is != balance.Warm {
		delete(w.asked, p)
	}
	if is == balance.Cold {
		delete(w.warmths, p)
		return
	}
	w.warmths[p] = is
}

// asks says that the group should be asked now for a task that is warm, and takes it as asked for with all that are warm: not while others are
// being warmed up for, unless it has waited long enough.
func (w *words) asks(p kafka.Partition, waited bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked[p] {
		return false
	}
	for _, is := range w.warmths {
		if is == balance.Warming && !waited {
			return false
		}
	}
	for at, is := range w.warmths {
		if is == balance.Warm {
			w.asked[at] = true
		}
	}
	return true
}

// gone remembers what stays here of a task.
func (w *words) gone(t *running) {
	if t.store != nil {
		w.stays(t.ID(), t.readBack())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost[t.in] = t.load.step
	delete(w.tasks, t.in)
}

// stays remembers how much of a task's state is here.
func (w *words) stays(task string, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sizes[task] = bytes
}

// kept returns about how many bytes of state a store had when it was opened.
func (w *words) kept(task string, store state.Store) int64 {
	if store.Position().Commit == 0 {
		return 0
	}
	w.mu.Lock()
	bytes := w.sizes[task]
	w.mu.Unlock()
	if s, ok := store.(state.Sized); ok {
		if n, err := s.Size(); err == nil {
			bytes = max(bytes, n)
		}
	}
	return bytes
}
