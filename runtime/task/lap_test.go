package task_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// smallLaps go on nearly all the time, a few keys with each commit.
func smallLaps() task.Laps { return task.Laps{LeastBytes: 1, PartBytes: 40, EveryBytes: 1} }

// TestWhatALapLeavesOfTheLogIsTheState is TestRandomInterleavingsCountEachRowOnce with changelogs that are cut behind
// each lap: stores that are lost or behind come back from what is left.
func TestWhatALapLeavesOfTheLogIsTheState(t *testing.T) {
	cut := 0
	for seed := range uint64(200) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			r := newRun(t, seed)
			cut += r.withLaps(seed)
		})
	}
	if cut < 200 {
		t.Errorf("%d laps were complete: the test sees nothing", cut)
	}
}

// withLaps plays a run whose tasks rewrite their state, and returns how often a log was cut.
func (r *run) withLaps(seed uint64) (cut int) {
	r.t.Helper()
	r.world.laps = smallLaps()
	if seed%3 == 1 {
		r.world.laps.EveryBytes = 2000
	}
	for range 150 {
		r.act()
		for _, w := range r.workers {
			cut += w.Cut()
		}
	}
	for _, w := range r.workers {
		must(r.t, w.Commit())
	}
	r.finish()
	r.compare()
	return cut
}

// TestLapsKeepAChangelogShort updates a few keys for a long time.
func TestLapsKeepAChangelogShort(t *testing.T) {
	const (
		keys    = 50
		commits = 4000
		least   = 20_000
	)
	w := newWorld(1, 1, 2000)
	w.laps = task.Laps{LeastBytes: least, PartBytes: 200, EveryBytes: 1}
	worker := tasktest.NewWorker(w.log, memory.New(), w.factory)
	for _, id := range w.ids() {
		must(t, worker.Own(id))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	longest, cuts := 0, 0
	for range commits {
		w.log.Append("in", 0, rawRow(int64(rng.IntN(keys)), 50))
		for _, id := range w.ids() {
			_, err := worker.Step(id, 100)
			must(t, err)
		}
		must(t, worker.Commit())
		cuts += worker.Cut()
		longest = max(longest, w.log.Bytes("counts-changelog", 0))
	}
	if most := 2 * least; longest > most || cuts < 10 {
		t.Errorf("the changelog grew to %d bytes, and was cut %d times; the most is %d", longest, cuts, most)
	}
	w.countsAfterLoss(t, worker, keys, commits)
}

// TestAPartThatWasAbortedIsWrittenAgain aborts every other commit of a lap over keys that nothing else touches.
func TestAPartThatWasAbortedIsWrittenAgain(t *testing.T) {
	const keys = 200
	w := newWorld(1, 1, 2000)
	w.laps = task.Laps{LeastBytes: 10_000, PartBytes: 200, EveryBytes: 1}
	worker := tasktest.NewWorker(w.log, memory.New(), w.factory)
	for _, id := range w.ids() {
		must(t, worker.Own(id))
	}
	rows := 0
	for ; rows < keys; rows++ {
		w.log.Append("in", 0, rawRow(int64(rows), 50))
	}
	cuts := 0
	for n := 0; cuts == 0; n++ {
		if n > 1000 {
			t.Fatal("no lap comes to its end")
		}
		w.log.Append("in", 0, rawRow(0, 50))
		rows++
		for _, id := range w.ids() {
			_, err := worker.Step(id, 1000)
			must(t, err)
		}
		if n%2 == 1 {
			must(t, worker.AbortSealed())
			continue
		}
		must(t, worker.Commit())
		cuts += worker.Cut()
	}
	w.countsAfterLoss(t, worker, keys, rows)
}

// countsAfterLoss moves all tasks to a worker whose store is empty, and ends the input: the rows must be counted, in groups.
func (w *world) countsAfterLoss(t *testing.T, from *tasktest.Worker, groups, rows int) {
	t.Helper()
	to := tasktest.NewWorker(w.log, memory.New(), w.factory)
	must(t, from.Abort())
	for _, id := range w.ids() {
		must(t, from.Release(id))
		must(t, to.Own(id))
		if id.Stage == "source" {
			must(t, to.Task(id).SetEnd(w.log.End(id.Topic, id.Partition)))
		}
	}
	for _, id := range w.ids() {
		_, err := to.Step(id, 10_000)
		must(t, err)
		must(t, to.Commit())
	}
	total, seen := 0, map[string]bool{}
	for _, v := range w.log.Values("out") {
		var key, end, n int
		if _, err := fmt.Sscanf(string(v), "%d@%d=%d", &key, &end, &n); err != nil {
			t.Fatal(err)
		}
		seen[string(v)] = true
		total += n
	}
	if len(seen) != groups || total != rows {
		t.Errorf("%d groups of %d rows came back, of %d and %d", len(seen), total, groups, rows)
	}
}
