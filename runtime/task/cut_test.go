package task_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
	"github.com/millrace/millrace/runtime/types"
)

// TestASavepointLosesAndRepeatsNothing stops random runs by a cut, takes the state as the tasks have it then to a job of another
// parallelism, and lets that one go on: what the two have written together must be what the rules give for the rows.
func TestASavepointLosesAndRepeatsNothing(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			before := newRun(t, seed)
			for range 20 + before.rng.IntN(100) {
				before.act()
			}
			before.cut(7)
			for range before.rng.IntN(20) {
				before.act()
			}
			before.end()
			for _, w := range before.workers {
				must(t, w.Commit())
			}
			after := before.successor()
			for range 60 {
				after.act()
			}
			for _, w := range after.workers {
				must(t, w.Ask(0))
			}
			after.finish()
			after.also = before.world.log.Values("out")
			after.compare()
		})
	}
}

// TestASavepointThatIsGivenUpChangesNothing asks for a cut in the middle of a run, and lets it be.
func TestASavepointThatIsGivenUpChangesNothing(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			r := newRun(t, seed)
			for cut := range int64(3) {
				for range 40 {
					r.act()
				}
				r.ask(1 + cut)
				for range r.rng.IntN(30) {
					r.act()
				}
				r.ask(0)
			}
			r.whole()
		})
	}
}

// end says that the input is read to its end, of which a source that is held makes nothing.
func (r *run) end() {
	for _, w := range r.workers {
		for _, id := range w.Owns() {
			if id.Stage == "source" {
				must(r.t, w.Task(id).SetEnd(w.Task(id).Position()))
			}
			_, err := w.Step(id, 1000)
			must(r.t, err)
		}
		must(r.t, w.Commit())
	}
}

func (r *run) ask(cut int64) {
	r.asked = cut
	for _, w := range r.workers {
		must(r.t, w.Ask(cut))
	}
}

// cut lets the run go on until every task is cut.
func (r *run) cut(cut int64) {
	r.ask(cut)
	for range 3000 {
		whole := true
		for _, id := range r.world.ids() {
			whole = whole && r.world.log.Meta(id).Cut.ID == cut
		}
		if whole {
			return
		}
		r.act()
	}
	r.t.Fatal("the tasks are never all cut")
}

// successor begins a job from where this one was cut.
func (r *run) successor() *run {
	rng := rand.New(rand.NewPCG(uint64(r.rng.Int64()), 5))
	next := &run{t: r.t, rng: rng, world: newWorld(r.world.partitions, 1+rng.IntN(5), 100+rng.IntN(2000)), oracle: r.oracle, now: r.now, clock: r.clock, asked: 7}
	floor := types.EndOfInput
	for _, id := range r.world.ids() {
		if m := r.world.log.Meta(id); id.Stage != "source" {
			floor = min(floor, m.Cut.Watermark)
		}
	}
	for _, id := range next.world.ids() {
		m := task.Meta{JobEpoch: 1, Watermark: floor, Restored: "s"}
		if id.Stage == "source" {
			c := r.world.log.Meta(id).Cut
			m.Offset, m.Watermark, m.Idle = c.Offset, c.Watermark, c.Idle
			records, _ := r.world.log.Read(id.Topic, id.Partition, 0, 1<<30)
			for _, rec := range records {
				next.world.log.Append(id.Topic, id.Partition, rec.Value)
			}
		}
		next.world.log.Begin(id, m)
	}
	for range 2 {
		b := memory.New()
		next.backends = append(next.backends, b)
		next.workers = append(next.workers, tasktest.NewWorker(next.world.log, b, next.world.factory))
	}
	for _, id := range next.world.ids() {
		must(r.t, next.workers[rng.IntN(2)].Own(id))
	}
	next.restore(r)
	return next
}

// restore takes the state over, in several commits, with crashes in between.
func (r *run) restore(from *run) {
	for importing := true; importing; {
		importing = false
		for i, w := range r.workers {
			for _, id := range w.Owns() {
				if !w.Task(id).Importing() {
					continue
				}
				importing = true
				if !r.importSome(w, id, from) { // the worker has crashed
					must(r.t, w.Crash())
					r.backends[i] = memory.New()
					r.workers[i] = tasktest.NewWorker(r.world.log, r.backends[i], r.world.factory)
					r.adopt()
					break
				}
			}
			must(r.t, r.workers[i].Commit())
		}
	}
}

// adopt gives tasks that nobody owns to somebody.
func (r *run) adopt() {
	owned := map[tasktest.TaskID]bool{}
	for _, w := range r.workers {
		for _, id := range w.Owns() {
			owned[id] = true
		}
	}
	for _, id := range r.world.ids() {
		if !owned[id] {
			must(r.t, r.workers[r.rng.IntN(2)].Own(id))
		}
	}
}

// importSome imports the state of a task, whole (true) or until the worker crashes.
func (r *run) importSome(w *tasktest.Worker, id tasktest.TaskID, from *run) bool {
	partitioner := exchange.NewPartitioner([]int{0}, r.world.parallel)
	var key batch.Batch
	take := func(k, v []byte) error {
		key.Reset([]types.Kind{types.BigInt})
		key.Columns[0].AppendInt64(int64(binary.BigEndian.Uint64(k[len(k)-8:])))
		if partitioner.Partition(&key, 0) != id.Partition {
			return nil
		}
		return w.Task(id).Import(k, v)
	}
	for k, v := range from.saved {
		must(r.t, take([]byte(k), v))
	}
	for _, old := range from.workers {
		for _, at := range old.Owns() {
			if at.Changelog == "" {
				continue
			}
			must(r.t, old.Store(at).Scan(nil, nil, take))
			switch r.rng.IntN(8) {
			case 0, 1:
				must(r.t, w.Commit())
			case 2:
				return false
			}
		}
	}
	must(r.t, w.Task(id).EndImport())
	return true
}
