package savepoint_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
	"github.com/millrace/millrace/runtime/types"
)

const job = "local.default.job"

// plan compiles statements over a table of all types.
func plan(t *testing.T, sql string, maxParallelism int) *physical.Plan {
	t.Helper()
	return planOver(t, sql, maxParallelism, "", types.Invalid)
}

// planOver is plan with another type for one of the columns.
func planOver(t *testing.T, sql string, maxParallelism int, column string, kind types.Kind) *physical.Plan {
	t.Helper()
	columns := []types.Column{
		{Name: "k", Kind: types.BigInt},
		{Name: "name", Kind: types.String},
		{Name: "n", Kind: types.BigInt},
		{Name: "i", Kind: types.Int},
		{Name: "x", Kind: types.Double},
		{Name: "b", Kind: types.Boolean},
		{Name: "ts", Kind: types.Timestamp},
	}
	for i := range columns {
		if columns[i].Name == column {
			columns[i].Kind = kind
		}
	}
	p, err := compile.Compile(spec.Job{
		Name: "job", SQL: sql, File: "q.sql", MaxParallelism: maxParallelism, DefaultSink: "out",
		Tables: []spec.Table{{
			Name: "rows", Topic: "rows", Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampMillis},
			Schema:    types.Schema{Columns: columns},
			EventTime: &spec.EventTime{Column: "ts", MaxOutOfOrderness: 5 * time.Second},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rows are random records, a quarter of a second apart, each at most 4 seconds out of order, with NULL among the values.
func rows(seed uint64, n int) [][]byte {
	rng := rand.New(rand.NewPCG(seed, 6))
	null := func(text string) string {
		if rng.IntN(12) == 0 {
			return "null"
		}
		return text
	}
	list := make([][]byte, n)
	for i := range list {
		n := strconv.Itoa(rng.IntN(1000) - 500)
		if rng.IntN(20) == 0 {
			n = "9223372036854775807"
		}
		list[i] = fmt.Appendf(nil, `{"k":%s,"name":%s,"n":%s,"i":%s,"x":%s,"b":%s,"ts":%d}`,
			null(strconv.Itoa(rng.IntN(40))), null(fmt.Sprintf("%q", "name-"+strings.Repeat("x", rng.IntN(20)))), null(n), null(strconv.Itoa(rng.IntN(9))),
			null(fmt.Sprint(float64(rng.IntN(64))/4)), null(strconv.FormatBool(rng.IntN(2) == 0)), 1_700_000_000_000+i*250-rng.IntN(4000))
	}
	return list
}

// world runs the tasks of a plan in one worker.
type world struct {
	t       *testing.T
	plan    *physical.Plan
	log     *tasktest.Log
	backend *memory.Backend
	worker  *tasktest.Worker
	ids     []tasktest.TaskID
	now     time.Time
}

// open makes the tasks, over what is in the backend.
func open(t *testing.T, p *physical.Plan, backend *memory.Backend) *world {
	t.Helper()
	w := &world{t: t, plan: p, log: tasktest.NewLog(), backend: backend, now: time.Unix(0, 0)}
	topics := physical.Topics{Prefix: job, StateEpoch: 1}
	w.log.Create("rows", 1)
	for _, topic := range p.Internal(topics) {
		w.log.Create(topic.Name, topic.Partitions)
	}
	for _, topic := range p.SinkTopics() {
		w.log.Create(topic, 1)
	}
	stages := map[string]int{}
	w.worker = tasktest.NewWorker(w.log, backend, func(emit task.Emit) tasktest.Factory {
		f, err := build.New(build.Env{Plan: p, Topics: topics, JobEpoch: 1, Partitions: map[string]int{"rows": 1}, Emit: emit})
		if err != nil {
			t.Fatal(err)
		}
		return func(id tasktest.TaskID) (*task.Task, error) { return f.Task(stages[id.Stage], id.Partition) }
	})
	for i, s := range p.Stages {
		stages[s.Name] = i
		id, n := tasktest.TaskID{Stage: s.Name, Topic: "rows"}, 1
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
				t.Fatal(err)
			}
		}
	}
	return w
}

// feed gives rows to the source and lets all tasks work until nothing is left; last says that no row comes any more.
func (w *world) feed(rows [][]byte, last bool) {
	w.t.Helper()
	for _, r := range rows {
		w.log.Append("rows", 0, r)
	}
	for quiet := 0; quiet < 5; {
		did := 0
		for _, id := range w.ids {
			if last && id.Topic == "rows" {
				w.must(w.worker.Task(id).SetEnd(w.log.End("rows", 0)))
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

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// output is what was written so far, sorted.
func (w *world) output() []string {
	var list []string
	for _, topic := range w.plan.SinkTopics() {
		for _, v := range w.log.Values(topic) {
			list = append(list, string(v))
		}
	}
	slices.Sort(list)
	return list
}

// save ends the tasks and writes a savepoint of what they had.
func (w *world) save(blobs snapshot.Blobs) *savepoint.Manifest {
	w.t.Helper()
	w.stop()
	m, err := w.write(blobs)
	w.must(err)
	return m
}

func (w *world) stop() {
	w.t.Helper()
	for _, id := range w.ids {
		w.must(w.worker.Release(id))
	}
}

// write writes a savepoint of what the tasks had, which have ended.
func (w *world) write(blobs snapshot.Blobs) (*savepoint.Manifest, error) {
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
		Job: job, ID: "sp-1", Epoch: 3, StateEpoch: 1, Kind: "Manual", TakenAt: time.Unix(1_700_000_000, 0), Plan: w.plan,
		Sources: []savepoint.Source{{Topic: "rows", Offset: w.log.End("rows", 0), Watermark: 17}},
	}, parts)
	if err != nil {
		return nil, err
	}
	return savepoint.WriteManifest(w.t.Context(), blobs, m)
}

func (w *world) writeTask(blobs snapshot.Blobs, id tasktest.TaskID) (part savepoint.Part, err error) {
	w.t.Helper()
	stage := slices.IndexFunc(w.plan.Stages, func(s physical.Stage) bool { return s.Name == id.Stage })
	codecs, err := build.StateCodecs(w.plan, stage)
	w.must(err)
	h := savepoint.Header{Job: job, ID: "sp-1", Stage: id.Stage, Partition: id.Partition, Attempt: "0.1"}
	var frozen state.Frozen
	if id.Changelog != "" {
		s, err := w.backend.Open(fmt.Sprintf("%s/%d", id.Stage, id.Partition))
		w.must(err)
		frozen, err = s.(state.Freezer).Freeze(1 << 30)
		w.must(err)
		defer func() { w.must(frozen.Close()); w.must(s.Close()) }()
	}
	_, digest, err := savepoint.WriteSmall(w.t.Context(), blobs, h, frozen, codecs)
	if err != nil {
		return part, err
	}
	return savepoint.ReadPart(w.t.Context(), blobs, h, digest)
}

// digest is what a task commits of a part.
func digest(part []byte) string {
	sum := sha256.Sum256(part)
	return hex.EncodeToString(sum[:])
}

// restore fills a backend for the tasks of a plan, in steps of a few bytes.
func restore(t *testing.T, blobs snapshot.Blobs, m *savepoint.Manifest, p *physical.Plan, drop bool) *memory.Backend {
	t.Helper()
	backend := memory.New()
	for i, s := range p.Stages {
		if !s.Stateful {
			continue
		}
		for partition := range p.MaxParallelism {
			codecs, err := build.StateCodecs(p, i)
			if err != nil {
				t.Fatal(err)
			}
			fill(t, backend, fmt.Sprintf("%s/%d", s.Name, partition), savepoint.ImportConfig{
				Blobs: blobs, Manifest: m, Plan: p, Codecs: codecs, Partition: int32(partition), Partitions: p.MaxParallelism, DropRemoved: drop,
			})
		}
	}
	return backend
}

func fill(t *testing.T, backend *memory.Backend, name string, c savepoint.ImportConfig) {
	t.Helper()
	in, err := savepoint.NewImport(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := backend.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	view := state.NewView(s, nil)
	seen := map[string]bool{}
	for done := false; !done; {
		n := 0
		done, err = in.Next(t.Context(), 500, func(key, value []byte) error {
			if seen[string(key)] {
				t.Errorf("%s: %x is put twice", name, key)
			}
			seen[string(key)] = true
			n += len(key) + len(value)
			return view.Put(key, value)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := view.Seal(); err != nil {
			t.Fatal(err)
		}
		if err := view.Commit(state.Position{}); err != nil {
			t.Fatal(err)
		}
	}
	if read, total := in.Progress(); read != total {
		t.Errorf("%s: %d of %d rows were read", name, read, total)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

var _ operator.Put = (*state.View)(nil).Put
