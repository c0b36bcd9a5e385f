package worker

import (
	"io"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/balance"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
)

// worded is the words of a worker with a stage that has no state, and one that has.
func worded(t *testing.T, backend state.Backend) *words {
	t.Helper()
	return newWords(&Config{
		Backend: backend, WarmUpLeastBytes: 100, Topics: physical.Topics{Prefix: "p", StateEpoch: 1}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Plan: &physical.Plan{Stages: []physical.Stage{
			{Name: "s0", Input: physical.Input{Topic: &physical.TopicInput{Topic: "in"}}},
			{Name: "s1", Stateful: true, Input: physical.Input{Exchange: &physical.ExchangeInput{Name: "x"}}},
		}},
	})
}

// unkept is a backend whose state is elsewhere.
type unkept struct{ state.Backend }

func TestAWorkerSaysWhatItHasOfTasks(t *testing.T) {
	backend := memory.New()
	for id, commit := range map[string]int64{"s1/3": 7, "s1/4": 0, "gone/1": 5} {
		s, err := backend.Open(id)
		if err == nil {
			err = s.Apply(&state.Changes{}, state.Position{Offset: 10 * commit, Commit: commit})
		}
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w := worded(t, backend)
	exchange := w.inputs["s1"].Topic
	store, err := backend.Open("s1/5")
	if err != nil {
		t.Fatal(err)
	}
	w.own(map[kafka.Partition]*running{
		at("in", 0):     {load: load{step: 4}, changed: 1000},
		at(exchange, 5): {store: store, load: load{step: 2}, changed: 60, kept: 40},
		at(exchange, 6): {store: store, changed: 99},
		at(exchange, 7): {store: store, changed: 10, kept: 5000, copy: &control.Snapshot{Bytes: 89}},
	})
	w.warmth(at(exchange, 3), balance.Warming)
	w.warmth(at(exchange, 9), balance.Warm)
	want := map[kafka.Partition]balance.Word{
		at("in", 0):     {Step: 4},
		at(exchange, 5): {Step: 2, Heavy: true},
		at(exchange, 6): {},
		at(exchange, 7): {},
		at(exchange, 3): {Position: 70, Warmth: balance.Warming},
		at(exchange, 9): {Warmth: balance.Warm},
	}
	if got := w.says(); !maps.Equal(got, want) || !w.warms() {
		t.Errorf("says %v, want %v", got, want)
	}
	w.warmth(at(exchange, 9), balance.Cold)
	if _, ok := w.says()[at(exchange, 9)]; ok {
		t.Error("a warm-up that is over is said")
	}
	if worded(t, unkept{backend}).warms() {
		t.Error("state that is elsewhere is warmed up for")
	}
}

func TestTheGroupIsAskedOnlyWhenLoadsHaveDoubled(t *testing.T) {
	w := worded(t, memory.New())
	tasks := map[kafka.Partition]*running{at("in", 0): {}, at("in", 1): {}}
	step := func(a, b uint8) {
		tasks[at("in", 0)].load.step, tasks[at("in", 1)].load.step = a, b
		w.own(tasks)
	}
	step(0, 0)
	if w.differ() {
		t.Error("nothing was said yet")
	}
	w.says()
	for _, c := range []struct {
		a, b uint8
		want bool
	}{{1, 1, false}, {3, 3, false}, {4, 4, true}, {1, 7, true}} {
		if step(c.a, c.b); w.differ() != c.want {
			t.Errorf("steps %d and %d: %t", c.a, c.b, !c.want)
		}
	}
	w.says()
	for _, c := range []struct {
		a, b uint8
		want bool
	}{{1, 7, false}, {2, 6, false}, {1, 5, true}, {7, 7, false}} {
		if step(c.a, c.b); w.differ() != c.want {
			t.Errorf("then steps %d and %d: %t", c.a, c.b, !c.want)
		}
	}
}

func TestTasksThatAreWarmAreAskedForTogetherAndOnce(t *testing.T) {
	w := worded(t, memory.New())
	w.warmth(at("x", 0), balance.Warm)
	w.warmth(at("x", 1), balance.Warming)
	if w.asks(at("x", 0), false) {
		t.Error("another one is under way")
	}
	if !w.asks(at("x", 0), true) || w.asks(at("x", 0), true) {
		t.Error("it has waited long enough, and is asked for once")
	}
	w.warmth(at("x", 1), balance.Warm)
	w.warmth(at("x", 2), balance.Warm)
	if !w.asks(at("x", 1), false) || w.asks(at("x", 2), false) {
		t.Error("both are warm, and are asked for at once")
	}
	w.warmth(at("x", 2), balance.Cold)
	w.warmth(at("x", 2), balance.Warm)
	if !w.asks(at("x", 2), false) {
		t.Error("it is another warm-up")
	}
}

func TestTheLoadOfATaskIsSmoothed(t *testing.T) {
	var l load
	now := time.Unix(1000, 0)
	busy := time.Duration(0)
	look := func(part time.Duration) uint8 { // of ten seconds
		now, busy = now.Add(10*time.Second), busy+part
		l.look(busy, now)
		return l.step
	}
	if got := look(5 * time.Second); got != 0 {
		t.Errorf("step %d at the first look, before anything is known", got)
	}
	if got := look(5 * time.Second); got != 6 { // half a processor
		t.Errorf("step %d", got)
	}
	for _, want := range []uint8{6, 4} { // the mean is a quarter, on the bound of a step, and then an eighth
		if got := look(0); got != want {
			t.Errorf("step %d after a pause, want %d", got, want)
		}
	}
}
