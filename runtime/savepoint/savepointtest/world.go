package savepointtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// Job is the prefix of the names of the job, ID that of its savepoint.
const (
	Job = "local.default.job"
	ID  = "sp-1"
)

// World runs the tasks of a plan, which reads one partition of one topic, in one worker.
type World struct {
	// WriteTask writes a task's part.
	WriteTask func(
		ctx context.Context, blobs snapshot.Blobs, files savepoint.Files, h savepoint.Header, frozen state.Frozen, codecs []operator.NamedCodec,
	) (savepoint.Part, string, error)
	// Log is all topics.
	Log *tasktest.Log

	t       testing.TB
	topic   string
	plan    *physical.Plan
	backend *memory.Backend
	worker  *tasktest.Worker
	ids     []tasktest.TaskID
	now     time.Time
}

// Open makes the tasks, over what is in the backend.
func Open(tb testing.TB, p *physical.Plan, topic string, backend *memory.Backend) *World {
	tb.Helper()
	w := &World{WriteTask: savepoint.WriteTask, Log: tasktest.NewLog(), t: tb, topic: topic, plan: p, backend: backend, now: time.Unix(0, 0)}
	topics := physical.Topics{Prefix: Job, StateEpoch: 1}
	w.Log.Create(topic, 1)
	for _, in := range p.Internal(topics) {
		w.Log.Create(in.Name, in.Partitions)
	}
	for _, out := range p.SinkTopics() {
		w.Log.Create(out, 1)
	}
	stages := map[string]int{}
	w.worker = tasktest.NewWorker(w.Log, backend, func(emit task.Emit) tasktest.Factory {
		f, err := build.New(build.Env{Plan: p, Topics: topics, JobEpoch: 1, Partitions: map[string]int{topic: 1}, Emit: emit})
		if err != nil {
			tb.Fatal(err)
		}
		return func(id tasktest.TaskID) (*task.Task, error) { return f.Task(stages[id.Stage], id.Partition) }
	})
	for i, s := range p.Stages {
		stages[s.Name] = i
		id, n := tasktest.TaskID{Stage: s.Name, Topic: topic}, 1
		if s.Input.Exchange != nil {
			id.Topic, n = topics.Exchange(s.Input.Exchange.Name), p.MaxParallelism
		}
		if s.Stateful {
			id.Changelog = topics.Changelog(s.Name)
		}
		for partition := range n {
			id.Partition = int32(partition)
			w.ids = append(w.ids, id)
			if err := w.worker.Own(id); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return w
}

// Feed gives rows to the source and lets all tasks work until nothing is left; last says that no row comes any more.
func (w *World) Feed(rows [][]byte, last bool) {
	w.t.Helper()
	for _, r := range rows {
		w.Log.Append(w.topic, 0, r)
	}
	for quiet := 0; quiet < 5; {
		did := 0
		for _, id := range w.ids {
			if last && id.Topic == w.topic {
				w.must(w.worker.Task(id).SetEnd(w.Log.End(w.topic, 0)))
			}
			n, err := w.worker.Step(id, 1<<30)
			w.must(err)
			did += n
		}
		w.now = w.now.Add(time.Second)
		w.must(w.worker.Tick(w.now))
		if quiet++; w.worker.Pending() {
			w.must(w.worker.Commit())
			quiet = 0
		}
		if did > 0 {
			quiet = 0
		}
	}
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// Output is what was written so far, sorted.
func (w *World) Output() []string {
	var list []string
	for _, topic := range w.plan.SinkTopics() {
		for _, v := range w.Log.Values(topic) {
			list = append(list, string(v))
		}
	}
	slices.Sort(list)
	return list
}

// Save ends the tasks and writes a savepoint of what they had.
func (w *World) Save(blobs snapshot.Blobs) *savepoint.Manifest {
	w.t.Helper()
	w.Stop()
	m, err := w.Write(blobs)
	w.must(err)
	return m
}

// Stop ends the tasks.
func (w *World) Stop() {
	w.t.Helper()
	for _, id := range w.ids {
		w.must(w.worker.Release(id))
	}
}

// Write writes a savepoint of what the tasks had, which have ended.
func (w *World) Write(blobs snapshot.Blobs) (*savepoint.Manifest, error) {
	w.t.Helper()
	var parts []savepoint.Part
	for _, id := range w.ids {
		part, err := w.writeTask(blobs, id)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	m, err := savepoint.NewManifest(savepoint.Base{
		Job: Job, ID: ID, Epoch: 3, StateEpoch: 1, Kind: "Manual", TakenAt: time.Unix(1_700_000_000, 0), Plan: w.plan,
		Sources: []savepoint.Source{{Topic: w.topic, Offset: w.Log.End(w.topic, 0), Watermark: 17}},
	}, parts)
	if err != nil {
		return nil, err
	}
	return savepoint.WriteManifest(w.t.Context(), blobs, m)
}

func (w *World) writeTask(blobs snapshot.Blobs, id tasktest.TaskID) (part savepoint.Part, err error) {
	w.t.Helper()
	stage := slices.IndexFunc(w.plan.Stages, func(s physical.Stage) bool { return s.Name == id.Stage })
	codecs, err := build.StateCodecs(w.plan, stage)
	w.must(err)
	h := savepoint.Header{Job: Job, ID: ID, Stage: id.Stage, Partition: id.Partition, Attempt: "0.1"}
	var frozen state.Frozen
	if id.Changelog != "" {
		s, err := w.backend.Open(fmt.Sprintf("%s/%d", id.Stage, id.Partition))
		w.must(err)
		frozen, err = s.(state.Freezer).Freeze(1 << 30)
		w.must(err)
		defer func() { w.must(frozen.Close()); w.must(s.Close()) }()
	}
	_, digest, err := w.WriteTask(w.t.Context(), blobs, parquet.Files{}, h, frozen, codecs)
	if err != nil {
		return part, err
	}
	return savepoint.ReadPart(w.t.Context(), blobs, h, digest)
}
