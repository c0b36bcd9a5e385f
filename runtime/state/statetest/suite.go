package statetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/state"
)

const (
	seeds = 40
	steps = 400
)

// Run runs the suite. open returns a new, empty backend; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) state.Backend) {
	t.Helper()
	t.Run("a view is an ordered map with commits", func(t *testing.T) {
		for seed := range uint64(seeds) {
			against(t, open(t), seed)
		}
	})
	t.Run("tasks do not see each other", func(t *testing.T) { tasksApart(t, open(t)) })
	t.Run("position and meta come back", func(t *testing.T) { positions(t, open(t)) })
	t.Run("what is kept is what is closed", func(t *testing.T) { keptIsWhatIsClosed(t, open(t)) })
	t.Run("misuse is an error", func(t *testing.T) { misuse(t, open(t)) })
	t.Run("what is frozen stays as it was", func(t *testing.T) { frozenStaysAsItWas(t, open(t)) })
	t.Run("the beginnings of keys are found", func(t *testing.T) { prefixesAreFound(t, open) })
	t.Run("a load replaces everything", func(t *testing.T) { loadReplaces(t, open(t)) })
	t.Run("a load is whole or nothing", func(t *testing.T) { loadIsWholeOrNothing(t, open(t)) })
}

type walk struct {
	t   *testing.T
	rng *rand.Rand
	// buckets says what is told of how keys will be used, from the second opening on; no answer depends on it.
	buckets, opened int
	backend         state.Backend
	store           state.Store
	views           [2]*state.View
	// open is what the views must show; sealed and committed what they would after a rollback of the open generation.
	open, committed [2]Model
	sealed          [2]Model
	isSealed        bool
	commit          int64
}

// against makes random moves on two parts of a view and on models of them.
func against(t *testing.T, b state.Backend, seed uint64) {
	t.Helper()
	w := &walk{t: t, rng: rand.New(rand.NewPCG(seed, 7)), buckets: int(seed % 4), backend: b}
	for i := range w.views {
		w.open[i], w.committed[i] = Model{}, Model{}
	}
	w.reopen()
	for range steps {
		w.step()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	closeAll(t, b, w.store)
}

func (w *walk) reopen() {
	w.t.Helper()
	if w.store != nil {
		must(w.t, w.store.Close())
	}
	s, err := w.backend.Open("stage/0")
	must(w.t, err)
	if got := s.Position().Commit; got != w.commit {
		w.t.Errorf("reopened at commit %d, want %d", got, w.commit)
	}
	w.store = s
	root := state.NewView(s, nil)
	for i := range w.views {
		w.views[i] = root.Sub([]byte{'a' + byte(i), '/'})
		w.open[i] = w.committed[i].Clone()
	}
	w.isSealed = false
	w.bucket()
}

func (w *walk) bucket() {
	w.t.Helper()
	if w.opened++; w.opened == 1 && w.rng.IntN(2) == 0 {
		return // what is there by then has to be moved
	}
	switch w.buckets {
	case 1:
		must(w.t, w.views[0].Bucket(nil, 1))
		must(w.t, w.views[1].Bucket([]byte("a"), 0))
	case 2:
		must(w.t, w.views[1].Bucket(nil, 0))
		must(w.t, w.views[0].Bucket([]byte("b"), 1))
		must(w.t, w.views[0].Bucket([]byte{0xff}, 1))
	case 3:
		must(w.t, w.views[0].Bucket(nil, 2))
		must(w.t, w.views[1].Bucket(nil, 1))
	}
}

func (w *walk) key() []byte {
	key := make([]byte, w.rng.IntN(3))
	for i := range key {
		key[i] = []byte{0, 'a', 'b', 0xfe, 0xff}[w.rng.IntN(5)]
	}
	return key
}

func (w *walk) bounds() (lower, upper []byte) {
	lower = w.key()
	if w.rng.IntN(4) > 0 {
		upper = w.key()
	}
	return lower, upper
}

func (w *walk) step() {
	w.t.Helper()
	i := w.rng.IntN(2)
	v, m := w.views[i], w.open[i]
	switch w.rng.IntN(16) {
	case 0, 1, 2, 3, 4:
		k, value := w.key(), fmt.Appendf(nil, "%d", w.rng.IntN(1000))
		must(w.t, v.Put(k, value))
		m[string(k)] = string(value)
	case 5, 6:
		k := w.key()
		must(w.t, v.Delete(k))
		delete(m, string(k))
	case 7:
		lower, upper := w.bounds()
		must(w.t, v.DeleteRange(lower, upper))
		m.DeleteRange(lower, upper)
	case 8, 9, 10:
		k := w.key()
		got, found, err := v.Get(k)
		must(w.t, err)
		if want, ok := m[string(k)]; ok != found || found && string(got) != want {
			w.t.Errorf("Get %q: %q %v, want %q %v", k, got, found, want, ok)
		}
	case 11, 12:
		w.scan(v, m)
	case 13:
		w.sealOrCommit()
	case 14:
		if w.rng.IntN(3) == 0 {
			v.Rollback()
			w.open = [2]Model{w.committed[0].Clone(), w.committed[1].Clone()}
			w.isSealed = false
		}
	default:
		if w.rng.IntN(4) == 0 {
			w.reopen()
		}
	}
}

func (w *walk) scan(v *state.View, m Model) {
	w.t.Helper()
	lower, upper := w.bounds()
	got := []string{}
	must(w.t, v.Scan(lower, upper, func(key, value []byte) error {
		got = append(got, string(key)+"="+string(value))
		return nil
	}))
	if want := m.Scan(lower, upper); !slices.Equal(got, want) {
		w.t.Errorf("Scan %q to %q: %q, want %q", lower, upper, got, want)
	}
}

func (w *walk) sealOrCommit() {
	w.t.Helper()
	if !w.isSealed {
		changes, err := w.views[0].Seal()
		must(w.t, err)
		w.sealed = [2]Model{w.open[0].Clone(), w.open[1].Clone()}
		w.isSealed = true
		w.replay(changes)
		return
	}
	w.commit++
	must(w.t, w.views[1].Commit(state.Position{Offset: w.commit * 10, Commit: w.commit}))
	w.committed, w.isSealed = w.sealed, false
}

// replay encodes the changes in small blocks, reads them back, and applies them to another task's store that follows.
func (w *walk) replay(changes *state.Changes) {
	w.t.Helper()
	s, err := w.backend.Open("follower/0")
	must(w.t, err)
	want := Model{}
	var back state.Changes
	must(w.t, back.DeleteRange(nil, nil))
	for i, m := range w.committed {
		for k, v := range m {
			must(w.t, back.Put(append([]byte{'a' + byte(i), '/'}, k...), []byte(v)))
		}
	}
	for next := 0; next >= 0; {
		var block []byte
		block, next = changes.EncodeFrom(nil, next, 64)
		must(w.t, state.DecodeChanges(block, &back))
	}
	must(w.t, s.Apply(&back, state.Position{}))
	for i, m := range w.sealed {
		for k, v := range m {
			want[string('a'+rune(i))+"/"+k] = v
		}
	}
	got := []string{}
	must(w.t, s.Scan(nil, nil, func(key, value []byte) error {
		got = append(got, string(key)+"="+string(value))
		return nil
	}))
	if all := want.Scan(nil, nil); !slices.Equal(got, all) {
		w.t.Errorf("replayed to %q, want %q", got, all)
	}
	must(w.t, s.Close())
}

func tasksApart(t *testing.T, b state.Backend) {
	t.Helper()
	tasks := []string{"s", "s/1", "s/10", "s/2"}
	var stores []state.Store
	for _, task := range tasks {
		s, err := b.Open(task)
		must(t, err)
		var c state.Changes
		must(t, c.Put([]byte("k"), []byte(task)))
		must(t, c.Put([]byte{0xff, 0xff}, []byte(task)))
		must(t, s.Apply(&c, state.Position{Offset: 1}))
		stores = append(stores, s)
	}
	must(t, stores[1].Close())
	must(t, b.Drop(tasks[1]))
	s, err := b.Open(tasks[1])
	must(t, err)
	stores[1] = s
	for i, s := range stores {
		got := 0
		must(t, s.Scan(nil, nil, func(_, value []byte) error {
			if got++; string(value) != tasks[i] {
				t.Errorf("task %s sees a value of %s", tasks[i], value)
			}
			return nil
		}))
		if want := map[bool]int{true: 0, false: 2}[i == 1]; got != want {
			t.Errorf("task %s has %d keys, want %d", tasks[i], got, want)
		}
	}
	if at := stores[1].Position(); at.Offset != 0 {
		t.Errorf("dropped, and yet at %v", at)
	}
	closeAll(t, b, stores...)
}

func positions(t *testing.T, b state.Backend) {
	t.Helper()
	s, err := b.Open("s/1")
	must(t, err)
	meta := []byte("meta")
	must(t, s.Apply(&state.Changes{}, state.Position{Offset: -3, Commit: 1 << 40, Meta: meta}))
	meta[0] = 'x'
	must(t, s.Close())
	s, err = b.Open("s/1")
	must(t, err)
	if at := s.Position(); at.Offset != -3 || at.Commit != 1<<40 || string(at.Meta) != "meta" {
		t.Errorf("came back at %v", at)
	}
	closeAll(t, b, s)
}

func misuse(t *testing.T, b state.Backend) {
	t.Helper()
	s, err := b.Open("s/1")
	must(t, err)
	v := state.NewView(s, nil)
	_, err = v.Seal()
	must(t, err)
	_, again := v.Seal()
	must(t, v.Commit(state.Position{}))
	unsealed := v.Commit(state.Position{})
	_, twice := b.Open("s/1")
	open, dropped := b.Close(), b.Drop("s/1")
	must(t, s.Close())
	_, _, closed := s.Get(nil)
	for what, err := range map[string]error{
		"sealed twice": again, "committed without a seal": unsealed, "opened twice": twice,
		"closed with an open store": open, "dropped while open": dropped, "read after Close": closed,
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	must(t, b.Close())
}

func closeAll(t *testing.T, b state.Backend, stores ...state.Store) {
	t.Helper()
	for _, s := range stores {
		must(t, s.Close())
	}
	must(t, b.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
