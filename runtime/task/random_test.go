package task_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// TestRandomInterleavingsCountEachRowOnce runs a two-stage job in two workers by seed: records in random portions,
// commits, aborts before and after sealing, tasks that move, workers that crash and come back with an old store or none.
// The committed output must be what the rules give for the rows alone.
func TestRandomInterleavingsCountEachRowOnce(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			newRun(t, seed).whole()
		})
	}
}

type run struct {
	t        *testing.T
	rng      *rand.Rand
	world    *world
	oracle   *oracle
	backends []*memory.Backend
	workers  []*tasktest.Worker
	now      time.Time
	clock    int64
	asked    int64
	also     [][]byte // what was written elsewhere
	// saved is the state of a savepoint; nil means that the workers' stores have it.
	saved map[string][]byte
}

func newRun(t *testing.T, seed uint64) *run {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 4))
	r := &run{t: t, rng: rng, world: newWorld(1+rng.IntN(3), 1+rng.IntN(3), 100+rng.IntN(2000)), now: time.Unix(0, 0)}
	r.world.slow = seed%3 == 2
	r.oracle = newOracle(r.world.partitions)
	for range 2 {
		b := memory.New()
		r.backends = append(r.backends, b)
		r.workers = append(r.workers, tasktest.NewWorker(r.world.log, b, r.world.factory))
	}
	for _, id := range r.world.ids() {
		must(t, r.workers[rng.IntN(2)].Own(id))
	}
	return r
}

func (r *run) whole() {
	for range 150 {
		r.act()
	}
	for _, w := range r.workers {
		must(r.t, w.Commit())
	}
	r.finish()
	r.compare()
}

func (r *run) act() {
	i := r.rng.IntN(len(r.workers))
	w := r.workers[i]
	switch r.rng.IntN(20) {
	case 0, 1, 2, 3:
		r.world.feed(r.oracle, r.rng, &r.clock, 1+r.rng.IntN(20))
	case 4, 5, 6, 7:
		must(r.t, w.Commit())
	case 8:
		must(r.t, w.Abort())
	case 9:
		must(r.t, w.AbortSealed())
	case 10:
		r.move(w, r.workers[1-i])
	case 11:
		r.crash(i)
	case 12:
		r.now = r.now.Add(time.Duration(r.rng.IntN(300)) * time.Millisecond)
		must(r.t, w.Tick(r.now))
	default:
		if ids := w.Owns(); len(ids) > 0 {
			_, err := w.Step(ids[r.rng.IntN(len(ids))], 1+r.rng.IntN(12))
			must(r.t, err)
		}
	}
}

// move gives a task to the other worker after a commit, as a revocation does.
func (r *run) move(from, to *tasktest.Worker) {
	ids := from.Owns()
	if len(ids) == 0 {
		return
	}
	id := ids[r.rng.IntN(len(ids))]
	must(r.t, from.Commit())
	must(r.t, from.Release(id))
	must(r.t, to.Own(id))
}

// crash ends a worker; its tasks go anywhere, and its store is what it was, or lost.
func (r *run) crash(i int) {
	ids := r.workers[i].Owns()
	must(r.t, r.workers[i].Crash())
	if r.rng.IntN(2) == 0 {
		r.backends[i] = memory.New()
	}
	r.workers[i] = tasktest.NewWorker(r.world.log, r.backends[i], r.world.factory)
	must(r.t, r.workers[i].Ask(r.asked))
	for _, id := range ids {
		must(r.t, r.workers[r.rng.IntN(2)].Own(id))
	}
}

// finish bounds the sources and runs everything to its end.
func (r *run) finish() {
	for rounds := 0; ; rounds++ {
		if rounds > 200 && !r.world.slow || rounds > 5000 {
			r.t.Fatal("the bounded run does not end")
		}
		done := true
		for _, w := range r.workers {
			for _, id := range w.Owns() {
				if id.Stage == "source" {
					must(r.t, w.Task(id).SetEnd(r.world.log.End(id.Topic, id.Partition)))
				}
				_, err := w.Step(id, 1000)
				must(r.t, err)
				done = done && w.Task(id).Finished()
			}
			if r.world.slow {
				must(r.t, w.Tick(r.now))
			}
			if w.Pending() {
				done = false
			}
			if r.rng.IntN(6) == 0 {
				must(r.t, w.AbortSealed())
				done = false
			} else {
				must(r.t, w.Commit())
			}
		}
		if done {
			return
		}
	}
}

func (r *run) compare() {
	got := map[string]string{}
	for _, v := range append(r.world.log.Values("out"), r.also...) {
		key, count, _ := strings.Cut(string(v), "=")
		if before, twice := got[key]; twice {
			r.t.Errorf("%s came twice: %s, %s", key, before, count)
		}
		got[key] = count
	}
	for key, want := range r.oracle.counts {
		if got[key] != strconv.Itoa(want) {
			r.t.Errorf("%s: got %q, want %d", key, got[key], want)
		}
		delete(got, key)
	}
	for key, count := range got {
		r.t.Errorf("%s=%s, which should not be", key, count)
	}
	for _, w := range r.workers {
		for _, id := range w.Owns() {
			if id.Stage == "counts" && w.Task(id).Progress().Late != 0 {
				r.t.Errorf("%v dropped rows behind the exchange", id)
			}
		}
	}
}
