package statetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

const plenty = 1 << 20

// frozenStaysAsItWas freezes a store again and again, and reads each copy on another goroutine while the store goes on.
func frozenStaysAsItWas(t *testing.T, b state.Backend) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	s, err := b.Open("s/0")
	must(t, err)
	model := Model{}
	var reading sync.WaitGroup
	for n := range int64(60) {
		c := change(rng, model)
		must(t, s.Apply(c, state.Position{Offset: 3 * n, Commit: n, Meta: fmt.Appendf(nil, "m%d", n)}))
		if n%3 != 0 {
			continue
		}
		f, err := s.(state.Freezer).Freeze(plenty)
		must(t, err)
		want := model.Scan(nil, nil)
		reading.Go(func() {
			if got := content(t, f.Each); !slices.Equal(got, want) {
				t.Errorf("frozen at commit %d: %q, want %q", n, got, want)
			}
			if at := f.Position(); at.Commit != n || at.Offset != 3*n || string(at.Meta) != fmt.Sprintf("m%d", n) {
				t.Errorf("frozen at commit %d and says %v", n, at)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	reading.Wait()
	closeAll(t, b, s)
}

// loadReplaces fills stores that hold something with what others held.
func loadReplaces(t *testing.T, b state.Backend) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	source, err := b.Open("s/0")
	must(t, err)
	target, err := b.Open("s/1")
	must(t, err)
	other, err := b.Open("s/10")
	must(t, err)
	must(t, other.Apply(change(rng, Model{}), state.Position{Commit: 9}))
	bystander := content(t, func(visit func(k, v []byte) error) error { return other.Scan(nil, nil, visit) })
	model := Model{}
	for n := range int64(20) {
		must(t, source.Apply(change(rng, model), state.Position{Offset: n, Commit: n}))
		must(t, target.Apply(change(rng, Model{}), state.Position{Offset: 100 + n, Commit: 100 + n}))
		f, err := source.(state.Freezer).Freeze(plenty)
		must(t, err)
		must(t, target.(state.Loader).Load(state.Position{Offset: 7 * n, Commit: n, Meta: []byte("meta")}, f.Each))
		must(t, f.Close())
		if n%2 == 0 {
			must(t, target.Close())
			target, err = b.Open("s/1")
			must(t, err)
		}
		if at := target.Position(); at.Offset != 7*n || at.Commit != n || string(at.Meta) != "meta" {
			t.Errorf("loaded to %v", at)
		}
		if got := scan(t, target); !slices.Equal(got, model.Scan(nil, nil)) {
			t.Errorf("round %d: loaded %q, want %q", n, got, model.Scan(nil, nil))
		}
		// What is loaded lies below what is applied afterwards.
		after := model.Clone()
		must(t, target.Apply(change(rng, after), state.Position{Offset: 8 * n}))
		if got := scan(t, target); !slices.Equal(got, after.Scan(nil, nil)) {
			t.Errorf("round %d: after the load %q, want %q", n, got, after.Scan(nil, nil))
		}
	}
	must(t, target.(state.Loader).Load(state.Position{}, func(func(k, v []byte) error) error { return nil }))
	if got := scan(t, target); len(got) != 0 || target.Position().Offset != 0 {
		t.Errorf("emptied, and holds %q at %v", got, target.Position())
	}
	if got := scan(t, other); !slices.Equal(got, bystander) {
		t.Errorf("another task's state is %q, was %q", got, bystander)
	}
	closeAll(t, b, source, target, other)
}

// loadIsWholeOrNothing breaks off a load, and gives one its keys in disorder.
func loadIsWholeOrNothing(t *testing.T, b state.Backend) {
	t.Helper()
	s, err := b.Open("s/0")
	must(t, err)
	var c state.Changes
	must(t, c.Put([]byte("old"), []byte("1")))
	must(t, s.Apply(&c, state.Position{Commit: 1}))
	broken := fault.New(fault.Corrupt, fault.Place{}, "broken off")
	err = s.(state.Loader).Load(state.Position{Commit: 2}, func(put func(k, v []byte) error) error {
		must(t, put([]byte("new"), []byte("2")))
		return broken
	})
	if fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a broken load says %v", err)
	}
	if got := scan(t, s); !slices.Equal(got, []string{"old=1"}) || s.Position().Commit != 1 {
		t.Errorf("after a broken load %q at %v", got, s.Position())
	}
	must(t, s.Close())
	s, err = b.Open("s/0")
	must(t, err)
	if got := scan(t, s); !slices.Equal(got, []string{"old=1"}) || s.Position().Commit != 1 {
		t.Errorf("reopened after a broken load: %q at %v", got, s.Position())
	}
	closeAll(t, b, s)
}

// change makes a list of random writes and does the same to the model.
func change(rng *rand.Rand, m Model) *state.Changes {
	var c state.Changes
	for range rng.IntN(12) {
		k := fmt.Appendf(nil, "%02d", rng.IntN(40))
		switch rng.IntN(6) {
		case 0:
			_ = c.Delete(k)
			delete(m, string(k))
		case 1:
			upper := fmt.Appendf(nil, "%02d", rng.IntN(40))
			_ = c.DeleteRange(k, upper)
			m.DeleteRange(k, upper)
		default:
			v := fmt.Appendf(nil, "%d", rng.IntN(1000))
			_ = c.Put(k, v)
			m[string(k)] = string(v)
		}
	}
	return &c
}

func scan(t *testing.T, s state.Store) []string {
	t.Helper()
	return content(t, func(visit func(k, v []byte) error) error { return s.Scan(nil, nil, visit) })
}

func content(t *testing.T, each func(visit func(k, v []byte) error) error) []string {
	t.Helper()
	got := []string{}
	err := each(func(key, value []byte) error {
		got = append(got, string(key)+"="+string(value))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return got
}
