package worker

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/task"
)

func TestTheCoordinatorCountsWhatTasksHaveCommitted(t *testing.T) {
	cut := func(id int64, part, failure string) task.Meta {
		return task.Meta{Cut: task.Cut{ID: id, Part: part, Failure: failure}}
	}
	cases := map[string]struct {
		in0, in1, x0 task.Meta
		want         progress
		text         string
	}{
		"nobody has heard":        {want: progress{tasks: 3, shares: 1}, text: "missing: in/0, in/1, x/0"},
		"the sources are cut":     {in0: cut(7, "", ""), in1: cut(7, "", ""), want: progress{tasks: 3, shares: 1, cut: 2}, text: "missing: x/0"},
		"all are cut":             {in0: cut(7, "", ""), in1: cut(7, "", ""), x0: cut(7, "", ""), want: progress{tasks: 3, shares: 1, cut: 3}, text: "missing: x/0"},
		"all is written":          {in0: cut(7, "", ""), in1: cut(7, "", ""), x0: cut(7, "d", ""), want: progress{tasks: 3, shares: 1, cut: 3, written: 1}, text: "1 of 1 shares written"},
		"another one's cuts":      {in0: cut(6, "", ""), in1: cut(7, "", ""), x0: cut(6, "d", ""), want: progress{tasks: 3, shares: 1, cut: 1}, text: "missing: in/0, x/0"},
		"a share was not written": {in0: cut(7, "", ""), in1: cut(7, "", ""), x0: cut(7, "", "no room"), want: progress{tasks: 3, shares: 1, cut: 3, failure: "no room"}, text: "missing: x/0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := map[kafka.Partition]task.Meta{at("in", 0): c.in0, at("in", 1): c.in1, at("x", 0): c.x0}
			got := judgeShares(all, map[string]bool{"x": true}, 7)
			text := got.String()
			got.missing = nil
			if got.tasks != c.want.tasks || got.cut != c.want.cut || got.shares != c.want.shares || got.written != c.want.written || got.failure != c.want.failure {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if !strings.Contains(text, c.text) {
				t.Errorf("%q says nothing of %q", text, c.text)
			}
		})
	}
}

func TestAJobBeginsWhereItsSavepointSays(t *testing.T) {
	b := beginnings{
		starts:   map[kafka.Partition]int64{at("in", 0): 100, at("in", 1): 200, at("in", 2): 300, at("new", 0): 400},
		firsts:   map[kafka.Partition]int64{at("in", 0): 3, at("in", 1): 4, at("in", 2): 5, at("new", 0): 6, at("x", 0): 0, at("y", 0): 0},
		internal: map[string]bool{"x": true, "y": true},
	}
	r := restoration{
		id: "s", floor: 50,
		sources: map[kafka.Partition]task.Cut{at("in", 0): {Offset: 30, Watermark: 70, Idle: true}, at("in", 1): {Offset: 4, Watermark: 50}},
	}
	found := []kafka.Committed{
		of("in", 0, task.Meta{JobEpoch: 1, Offset: 77, Seq: 9}), none("in", 1), none("in", 2), none("new", 0), none("x", 0), none("y", 0),
	}
	want := []task.Meta{
		{JobEpoch: 2, Offset: 30, Watermark: 70, Idle: true, Restored: "s"},
		{JobEpoch: 2, Offset: 4, Watermark: 50, Restored: "s"},
		{JobEpoch: 2, Offset: 5},                               // added since
		{JobEpoch: 2, Offset: 400},                             // not read before
		{JobEpoch: 2, Offset: 0, Watermark: 50, Restored: "s"}, // behind an exchange
		{JobEpoch: 2, Offset: 0, Watermark: 50, Restored: "s"},
	}
	got, err := r.stamps(found, 2, b, map[string]string{"x": "x", "y": "y"})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if m, err := metaOf(got[i]); err != nil || m != w {
			t.Errorf("%s: %+v, %v; want %+v", got[i].Partition, m, err, w)
		}
	}
	b.firsts[at("in", 0)] = 31
	if _, err := r.stamps(found, 2, b, nil); fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), "rows are lost") {
		t.Errorf("rows that are gone: %v", err)
	}
}
