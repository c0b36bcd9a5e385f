package task_test

import (
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// TestAnIdlePartitionHoldsNothingBack follows a partition that is silent, is declared idle, and wakes with a row that
// no window takes any more.
func TestAnIdlePartitionHoldsNothingBack(t *testing.T) {
	w := newWorld(2, 1, 1000)
	w.idle = 30 * time.Second
	worker := tasktest.NewWorker(w.log, memory.New(), w.factory)
	ids := w.ids()
	for _, id := range ids {
		must(t, worker.Own(id))
	}
	turn := func(second int) {
		t.Helper()
		for range 2 { // sources, then what they moved
			for _, id := range ids {
				_, err := worker.Step(id, 100)
				must(t, err)
			}
			must(t, worker.Tick(time.Unix(int64(second), 0)))
			must(t, worker.Commit())
		}
	}
	out := func() int { return len(w.log.Values("out")) }
	w.log.Append("in", 0, rawRow(1, 50))
	w.log.Append("in", 0, rawRow(1, 250))
	w.log.Append("in", 1, rawRow(1, 10))
	turn(1)
	if out() != 0 {
		t.Error("a window fired that partition 1 holds back")
	}
	w.log.Append("in", 0, rawRow(1, 251))
	turn(20)
	w.log.Append("in", 0, rawRow(1, 252))
	turn(40)
	turn(41)
	if out() != 1 || !worker.Task(ids[1]).Meta().Idle || worker.Task(ids[0]).Meta().Idle {
		t.Errorf("%d windows fired; idle: %v, %v", out(), worker.Task(ids[0]).Meta(), worker.Task(ids[1]).Meta())
	}
	w.log.Append("in", 1, rawRow(1, 20)) // in time for its own partition
	turn(42)
	if counts := worker.Task(ids[2]).Progress(); counts.Late != 1 || out() != 1 || worker.Task(ids[1]).Meta().Idle {
		t.Errorf("after waking: %v, %d windows", counts, out())
	}
}
