package task_test

import (
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// TestASavepointWithoutTransactionsLosesNothing cuts runs that commit nothing but offsets, in which workers die around their
// commits and others go on though they are out, and lets another job go on from the cut: together the two have each row.
func TestASavepointWithoutTransactionsLosesNothing(t *testing.T) {
	cut := 0
	for seed := range uint64(400) {
		before := newPlainRun(t, seed, task.Plants{}, false)
		for range 20 + before.rng.IntN(100) {
			before.act()
		}
		state, whole := before.cut(7)
		must(t, before.broken)
		if !whole {
			continue // a worker that is out takes back what others say
		}
		cut++
		for _, z := range before.zombies {
			before.end(z)
		}
		after := (&run{t: t, rng: before.rng, world: before.world, oracle: before.oracle, now: before.now, clock: before.clock, saved: state}).successor()
		for range 60 {
			after.act()
		}
		for _, w := range after.workers {
			must(t, w.Ask(0))
		}
		after.finish()
		got := before.results()
		for key, list := range (&plainRun{t: t, world: after.world}).results() {
			got[key] = append(got[key], list...)
		}
		for key, want := range before.oracle.counts {
			if len(got[key]) == 0 || slices.Max(got[key]) < want {
				t.Errorf("seed %d: %s: got %v, want %d or more", seed, key, got[key], want)
			}
		}
		if t.Failed() {
			return
		}
	}
	if cut < 200 {
		t.Errorf("%d of 400 runs were cut", cut)
	}
}

// cut lets the run go on until every task is cut, and returns the state of each as it was then.
func (r *plainRun) cut(cut int64) (state map[string][]byte, whole bool) {
	r.asked = cut
	for _, w := range r.workers {
		must(r.t, w.Ask(cut))
	}
	saved, tasks := map[tasktest.TaskID]bool{}, len(r.world.ids())
	state = map[string][]byte{}
	for range 1500 {
		r.act()
		if r.broken != nil {
			return nil, false
		}
		for _, w := range r.workers {
			for _, id := range w.Owns() {
				if saved[id] || w.Task(id).Meta().Cut.ID != cut {
					continue
				}
				saved[id] = true
				if id.Changelog == "" {
					continue
				}
				must(r.t, w.Store(id).Scan(nil, nil, func(k, v []byte) error {
					state[string(k)] = slices.Clone(v)
					return nil
				}))
			}
		}
		if len(saved) == tasks {
			return state, true
		}
	}
	return nil, false
}
