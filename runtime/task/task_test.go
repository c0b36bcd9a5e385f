package task_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
	"github.com/millrace/millrace/runtime/types"
)

func TestMetaSurvivesItsMetadata(t *testing.T) {
	m := task.Meta{JobEpoch: 3, Owner: 4, Worker: 2, Seq: 5, Offset: 6, Watermark: types.NoWatermark, Idle: true}
	got, err := task.DecodeMeta(m.Encode())
	if err != nil || got != m {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := task.DecodeMeta(""); err != nil || got != (task.Meta{}) {
		t.Errorf("no metadata: %v, %v", got, err)
	}
	for _, s := range []string{"x", `{"seq":-1,"watermark":"0"}`, `{"offset":"1"}`, strings.Repeat(" ", task.MaxMetaBytes+1)} {
		if _, err := task.DecodeMeta(s); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}

func TestRestoreComparesOffsetAndChangelog(t *testing.T) {
	cases := map[string]struct {
		offset, changelog task.Meta
		ok                bool
	}{
		"never committed":                 {task.Meta{Offset: 9}, task.Meta{}, true},
		"the same":                        {task.Meta{Seq: 3, Offset: 9}, task.Meta{Seq: 3, Offset: 9}, true},
		"a fence wrote another epoch":     {task.Meta{JobEpoch: 2, Seq: 3, Offset: 9}, task.Meta{JobEpoch: 1, Seq: 3, Offset: 9}, true},
		"an owner opened, no more":        {task.Meta{Owner: 8, Seq: 3, Offset: 9}, task.Meta{Owner: 7, Seq: 3, Offset: 9}, true},
		"the changelog is a commit short": {task.Meta{Seq: 3, Offset: 9}, task.Meta{Seq: 2, Offset: 5}, false},
		"the changelog is ahead":          {task.Meta{Seq: 3, Offset: 9}, task.Meta{Seq: 4, Offset: 12}, false},
		"the offset was moved by hand":    {task.Meta{Seq: 3, Offset: 0}, task.Meta{Seq: 3, Offset: 9}, false},
		"the offset is gone":              {task.Meta{}, task.Meta{Seq: 3, Offset: 9}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if err := task.CheckRestore(c.offset, c.changelog); (err == nil) != c.ok || err != nil && fault.KindOf(err) != fault.Corrupt {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestLifeOfASourceTask(t *testing.T) {
	w := newWorld(1, 1, 1000)
	w.log.Append("in", 0, rawRow(1, 1000))
	w.log.Append("in", 0, rawRow(1, 1010))
	worker := tasktest.NewWorker(w.log, memory.New(), w.factory)
	id := w.ids()[0]
	must(t, worker.Own(id))
	source := worker.Task(id)
	if source.Pending() || source.Meta().Owner != 1 || source.Finished() {
		t.Errorf("just opened: pending %v, %v", source.Pending(), source.Meta())
	}
	_, err := worker.Step(id, 1)
	must(t, err)
	must(t, worker.Commit())
	want := task.Meta{JobEpoch: 1, Owner: 1, Seq: 1, Offset: 1, Watermark: 1000 - disorder}
	if got := w.log.Meta(id); got != want || source.Pending() {
		t.Errorf("after a commit: %v, want %v", got, want)
	}
	_, err = worker.Step(id, 1)
	must(t, err)
	must(t, worker.Abort())
	if source.Position() != 1 || source.Watermark() != 1000-disorder || source.Progress().RowsIn != 1 {
		t.Errorf("after an abort: position %d, watermark %d, %v", source.Position(), source.Watermark(), source.Progress())
	}
	must(t, source.SetEnd(2))
	_, err = worker.Step(id, 10)
	must(t, err)
	if !source.Finished() {
		t.Error("not finished at the end of its input")
	}
	must(t, worker.Commit())
	must(t, worker.Release(id))
	must(t, worker.Own(id))
	if again := worker.Task(id); !again.Finished() || again.Meta().Owner != 2 || again.Meta().Seq != 2 {
		t.Errorf("opened again: %v, watermark %d", again.Meta(), again.Watermark())
	}
}

func TestWhatATaskRefuses(t *testing.T) {
	w := newWorld(1, 1, 1000)
	w.log.Append("in", 0, rawRow(1, 1000))
	w.log.Append("in", 0, []byte("short"))
	worker := tasktest.NewWorker(w.log, memory.New(), w.factory)
	id := w.ids()[0]
	must(t, worker.Own(id))
	source := worker.Task(id)
	_, err := worker.Step(id, 1)
	must(t, err)
	if err := source.Process([]task.Record{{Topic: "in", Offset: 0}}); fault.KindOf(err) != fault.Bug {
		t.Errorf("an offset that comes again: %v", err)
	}
	if err := source.Committed(0); fault.KindOf(err) != fault.Bug {
		t.Errorf("a commit that nobody sealed: %v", err)
	}
	_, err = worker.Step(id, 1)
	if place, _ := fault.PlaceOf(err); fault.KindOf(err) != fault.Data || place != fault.InRecord("in", 0, 1) {
		t.Errorf("a record that does not decode: %v", err)
	}
	if _, err := source.Seal(); fault.KindOf(err) != fault.Bug {
		t.Errorf("a seal after an error: %v", err)
	}
	must(t, worker.Abort())
	_, err = worker.Step(id, 1)
	must(t, err)
}

func TestAnExchangeRecordThatIsDamagedNamesItsPlace(t *testing.T) {
	w := newWorld(1, 1, 1000)
	w.log.Append("x", 0, []byte("not ours at all"))
	worker := tasktest.NewWorker(w.log, memory.New(), w.factory)
	id := w.ids()[1]
	must(t, worker.Own(id))
	_, err := worker.Step(id, 1)
	if place, _ := fault.PlaceOf(err); fault.KindOf(err) != fault.Corrupt || place != fault.InRecord("x", 0, 0) {
		t.Errorf("got %v", err)
	}
}

func TestReplayRefusesHalfACommit(t *testing.T) {
	store, err := memory.New().Open("counts/0")
	must(t, err)
	r := task.NewReplay(store)
	for name, value := range map[string]string{"empty": "", "of another kind": "\x09x", "damaged changes": "\x01x", "damaged meta": "\x02\x01\x00abcdefgh"} {
		if err := r.Add(0, []byte(value)); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Done(); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("changes without a meta record: %v", err)
	}
}
