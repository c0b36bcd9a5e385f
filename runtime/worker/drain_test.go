package worker

import (
	"testing"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

func TestTheCoordinatorCountsWhoHasCommittedItsEnd(t *testing.T) {
	end := task.Meta{Seq: 3, Watermark: types.EndOfInput}
	got := countEnds(map[kafka.Partition]task.Meta{
		at("in", 0): end, at("in", 1): {Seq: 3, Watermark: 7}, at("in", 2): {Restored: "s", Watermark: types.EndOfInput}, at("x", 0): end,
	})
	if want := (endings{tasks: 4, ended: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A task may come from a worker that has heard of the drain before us.
func TestASourceThatHasEndedIsNotReadOn(t *testing.T) {
	drained := orders{end: command.End{ID: "d"}, ending: true}
	cases := map[string]struct {
		meta   task.Meta
		orders orders
		ends   bool
	}{
		"a job that goes on":                {task.Meta{Seq: 3, Offset: 9, Watermark: 7}, orders{}, false},
		"one that has not begun":            {task.Meta{Offset: 9, Watermark: types.NoWatermark}, orders{}, false},
		"it is drained":                     {task.Meta{Seq: 3, Offset: 9, Watermark: 7}, drained, true},
		"and so was the task":               {task.Meta{Seq: 3, Offset: 9, Watermark: types.EndOfInput}, drained, true},
		"which we have not heard of yet":    {task.Meta{Seq: 3, Offset: 9, Watermark: types.EndOfInput}, orders{}, true},
		"a savepoint at work comes first":   {task.Meta{Seq: 3, Offset: 9, Watermark: 7}, orders{end: command.End{ID: "d"}}, false},
		"the state epoch begins from there": {task.Meta{Restored: "s", Offset: 9, Watermark: types.EndOfInput}, orders{}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if offset, ends := endsAt(c.meta, c.orders); offset != 9 || ends != c.ends {
				t.Errorf("it ends at %d: %v", offset, ends)
			}
		})
	}
}
