package task_test

import (
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// What is left out is part of the commit: an abort takes it back, and who opens the task next goes on behind it.
func TestWhatASourceLeavesOutCountsWithItsCommit(t *testing.T) {
	w := newWorld(1, 1, 1000)
	for i := range int64(20) {
		w.log.Append("in", 0, rawRow(1, 1000+i))
	}
	worker := tasktest.NewWorker(w.log, memory.New(), w.factory)
	id := w.ids()[0]
	must(t, worker.Own(id))
	source := worker.Task(id)
	_, err := worker.Step(id, 2)
	must(t, err)
	must(t, worker.Commit())
	watermark := source.Watermark()
	must(t, source.Skip(12))
	if source.Position() != 12 || source.Watermark() != watermark || !source.Pending() || source.Meta().Shed != 0 {
		t.Errorf("it is at %d, watermark %d, and says %+v", source.Position(), source.Watermark(), source.Meta())
	}
	must(t, worker.Abort())
	if source.Position() != 2 {
		t.Errorf("after an abort it is at %d", source.Position())
	}
	must(t, source.Skip(10))
	must(t, source.Skip(9)) // it is past that
	_, err = worker.Step(id, 3)
	must(t, err)
	must(t, source.Skip(15))
	must(t, worker.Commit())
	if m := w.log.Meta(id); m.Shed != 8+2 || m.Offset != 15 {
		t.Errorf("committed: %+v", m)
	}
	must(t, worker.Release(id))
	must(t, worker.Own(id))
	source = worker.Task(id)
	must(t, source.SetEnd(18))
	must(t, source.Skip(30)) // not beyond its end
	must(t, worker.Commit())
	if m := w.log.Meta(id); m.Shed != 13 || m.Offset != 18 || !source.Finished() {
		t.Errorf("committed at the end: %+v", m)
	}
	behind := w.ids()[1]
	must(t, worker.Own(behind))
	if err := worker.Task(behind).Skip(1); fault.KindOf(err) != fault.Bug {
		t.Errorf("behind an exchange: %v", err)
	}
}
