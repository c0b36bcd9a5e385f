package task_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// TestRandomInterleavingsWithoutTransactionsCountEachRow runs the two-stage job by seed in workers that commit nothing but
// offsets: they die before and after these are committed, and some go on when others have their tasks. Each window's
// every result must have all of its rows, whatever it has twice: none may be lost behind a watermark that a worker had
// stated before it died.
func TestRandomInterleavingsWithoutTransactionsCountEachRow(t *testing.T) {
	doubled := 0
	for seed := range uint64(300) {
		r := newPlainRun(t, seed, task.Plants{}, false)
		must(t, r.whole())
		doubled += r.doubled()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if doubled == 0 {
		t.Error("nothing was ever counted twice: nothing was tried")
	}
}

type plainRun struct {
	t       *testing.T
	rng     *rand.Rand
	world   *world
	oracle  *oracle
	workers []*tasktest.Worker
	backend []*memory.Backend
	zombies []*tasktest.Worker
	plants  task.Plants
	tacit   bool
	broken  error // a task did not open
	asked   int64 // the cut that is asked for
	now     time.Time
	clock   int64
}

func newPlainRun(t *testing.T, seed uint64, plants task.Plants, tacit bool) *plainRun {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 5))
	r := &plainRun{t: t, rng: rng, world: newWorld(1+rng.IntN(3), 1+rng.IntN(3), 100+rng.IntN(2000)), plants: plants, tacit: tacit, now: time.Unix(0, 0)}
	r.world.plain = true
	r.oracle = newOracle(r.world.partitions)
	for i := range 2 {
		r.workers, r.backend = append(r.workers, nil), append(r.backend, memory.New())
		r.replace(i)
	}
	for _, id := range r.world.ids() {
		must(t, r.workers[rng.IntN(2)].Own(id))
	}
	return r
}

func (r *plainRun) replace(i int) {
	r.workers[i] = tasktest.NewPlainWorker(r.world.log, r.backend[i], r.world.factory)
	r.workers[i].Plant(r.plants, r.tacit)
	must(r.t, r.workers[i].Ask(r.asked))
}

// whole returns what is wrong: a task that could not be opened, which ends the run, or the output.
func (r *plainRun) whole() error {
	for range 200 {
		if r.act(); r.broken != nil {
			return r.broken
		}
	}
	for _, z := range r.zombies {
		r.end(z)
	}
	for range 200 {
		if r.finished() {
			return r.compare()
		}
		if r.broken != nil {
			return r.broken
		}
	}
	return errors.New("the bounded run does not end")
}

func (r *plainRun) act() {
	i := r.rng.IntN(len(r.workers))
	w := r.workers[i]
	switch r.rng.IntN(20) {
	case 0, 1, 2, 3:
		r.world.feed(r.oracle, r.rng, &r.clock, 1+r.rng.IntN(20))
	case 4, 5, 6, 7:
		r.commit(w)
	case 8:
		r.crash(i, r.rng.IntN(2) == 0)
	case 9:
		r.outlive(i)
	case 10, 11:
		if n := len(r.zombies); n > 0 {
			r.haunt(r.rng.IntN(n))
		}
	case 12:
		r.now = r.now.Add(time.Duration(r.rng.IntN(300)) * time.Millisecond)
		must(r.t, w.Tick(r.now))
	default:
		r.step(w)
	}
}

func (r *plainRun) step(w *tasktest.Worker) {
	if ids := w.Owns(); len(ids) > 0 {
		_, err := w.Step(ids[r.rng.IntN(len(ids))], 1+r.rng.IntN(12))
		must(r.t, err)
	}
}

func (r *plainRun) commit(w *tasktest.Worker) {
	s, err := w.Seal()
	must(r.t, err)
	landed, err := w.Confirm(s)
	must(r.t, err)
	if !landed {
		r.t.Error("an owner's offsets are refused")
	}
}

// crash ends a worker, after it has written its commit or before; its store is what it was, or lost.
func (r *plainRun) crash(i int, sealed bool) {
	w := r.workers[i]
	if sealed {
		_, err := w.Seal()
		must(r.t, err)
	}
	ids := w.Owns()
	must(r.t, w.LetGo())
	if r.rng.IntN(2) == 0 {
		r.backend[i] = memory.New()
	}
	r.replace(i)
	r.give(ids)
}

// outlive gives a worker's tasks to others, and leaves the worker as it is: it doesn't know yet.
func (r *plainRun) outlive(i int) {
	ids := r.workers[i].Owns()
	r.zombies = append(r.zombies, r.workers[i])
	r.backend[i] = memory.New()
	r.replace(i)
	r.give(ids)
}

func (r *plainRun) give(ids []tasktest.TaskID) {
	for _, id := range ids {
		if err := r.workers[r.rng.IntN(2)].Own(id); err != nil {
			r.broken = err
		}
	}
}

// haunt lets a zombie work, or come to its commit, which is its end.
func (r *plainRun) haunt(i int) {
	z := r.zombies[i]
	if r.rng.IntN(3) > 0 {
		r.step(z)
		return
	}
	r.zombies = append(r.zombies[:i:i], r.zombies[i+1:]...)
	r.end(z)
}

func (r *plainRun) end(z *tasktest.Worker) {
	s, err := z.Seal()
	must(r.t, err)
	landed, err := z.Confirm(s)
	must(r.t, err)
	if landed && len(z.Owns()) > 0 {
		r.t.Error("a zombie's offsets are taken")
	}
	must(r.t, z.LetGo())
}

// finished runs everything to the end of the sources as they are, and says whether that is reached.
func (r *plainRun) finished() bool {
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
		done = done && !w.Pending()
	}
	for i := range r.workers {
		if r.rng.IntN(6) == 0 {
			r.crash(i, true)
			return false
		}
		r.commit(r.workers[i])
	}
	return done
}

// results are what came out of each window.
func (r *plainRun) results() map[string][]int {
	got := map[string][]int{}
	for _, v := range r.world.log.Values("out") {
		key, text, _ := strings.Cut(string(v), "=")
		n, err := strconv.Atoi(text)
		must(r.t, err)
		got[key] = append(got[key], n)
	}
	return got
}

func (r *plainRun) compare() error {
	got := r.results()
	for key, want := range r.oracle.counts {
		if len(got[key]) == 0 || slices.Min(got[key]) < want {
			return fmt.Errorf("%s: got %v, want %d or more", key, got[key], want)
		}
	}
	for key, list := range got {
		if _, ok := r.oracle.counts[key]; !ok {
			return fmt.Errorf("%s: %v, which should not be", key, list)
		}
	}
	return nil
}

func (r *plainRun) doubled() (n int) {
	for key, list := range r.results() {
		for i, count := range list {
			n += count - r.oracle.counts[key]
			if i > 0 {
				n += count
			}
		}
	}
	return n
}
