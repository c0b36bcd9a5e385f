package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/inquiry"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/worker"
)

// asker asks workers of the counts while they work, and keeps what they say.
type asker struct {
	mu        sync.Mutex
	answers   []*control.State
	elsewhere map[[2]int]int // worker asked, worker named
	notNow    map[string]int
	failed    []error
}

// ask asks a worker until ctx ends.
func (a *asker) ask(ctx context.Context, ordinal int, w *worker.Worker, rng *rand.Rand) {
	for sleep(ctx, time.Duration(5+rng.IntN(60))*time.Millisecond); ctx.Err() == nil; sleep(ctx, time.Duration(5+rng.IntN(60))*time.Millisecond) {
		asked, cancel := context.WithTimeout(ctx, time.Second)
		s, err := w.Ask(asked, "count", "k"+strconv.Itoa(rng.IntN(keys)))
		cancel()
		if ctx.Err() != nil {
			return
		}
		a.mu.Lock()
		if e, ok := errors.AsType[*control.ElsewhereError](err); ok {
			a.elsewhere[[2]int{ordinal, e.Worker}]++
		} else if e, ok := errors.AsType[*control.NotNowError](err); ok {
			a.notNow[e.Why]++
		} else if err != nil {
			a.failed = append(a.failed, err)
		} else {
			a.answers = append(a.answers, s)
		}
		a.mu.Unlock()
	}
}

// changelog is a task's state as its changelog has it.
type changelog struct {
	store  state.Store
	replay *task.Replay
	commit int64
}

func stateOf(o *inquiry.Operator, look operator.Lookup, store state.Store, text string) (*control.State, error) {
	key, err := o.Key(text)
	if err != nil {
		return nil, err
	}
	found, err := look.Look(store, key.Row, operator.Bounds{Windows: 1000, Reads: 1000, Bytes: 1 << 20, Over: func() bool { return false }})
	if err != nil {
		return nil, err
	}
	return o.State(key, found)
}

func textOf(t *testing.T, x any) string {
	t.Helper()
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// byCommit sorts the answers by partition and commit, and counts those of tasks that had never committed.
func (a *asker) byCommit(t *testing.T) (sorted map[string][]*control.State, asOfNone int) {
	t.Helper()
	sorted = map[string][]*control.State{}
	for _, x := range a.answers {
		if x.AsOf.Seq > 0 {
			at := fmt.Sprint(x.Partition, x.AsOf.Seq)
			sorted[at] = append(sorted[at], x)
		} else if asOfNone++; len(x.Windows) > 0 {
			t.Errorf("before the first commit: %+v", x)
		}
	}
	return sorted, asOfNone
}

// truth finds in the changelogs what was committed, commit by commit, and compares.
func (a *asker) truth(ctx context.Context, t *testing.T, s stage, plan *physical.Plan) (checked, windows int) {
	t.Helper()
	byCommit, asOfNone := a.byCommit(t)
	o := inquiry.Operators(plan)[0]
	look, err := build.Lookup(plan, o.Stage, o.Columns)
	if err != nil {
		t.Fatal(err)
	}
	from := map[kafka.Partition]int64{}
	backend := memory.New()
	topics := physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}
	for p := range int32(partitions) {
		from[kafka.Partition{Topic: topics.Changelog(o.StageName), Number: p}] = 0
	}
	logs := map[int32]*changelog{}
	err = kafka.Replay(ctx, s.options, from, func(p kafka.Partition, offset int64, value []byte) error {
		at := logs[p.Number]
		if at == nil {
			store, err := backend.Open(p.String())
			if err != nil {
				return err
			}
			at = &changelog{store: store, replay: task.NewReplay(store)}
			logs[p.Number] = at
		}
		if err := at.replay.Add(offset, value); err != nil {
			return err
		}
		commit := at.store.Position().Commit
		if commit == at.commit {
			return nil
		}
		at.commit = commit
		for _, x := range byCommit[fmt.Sprint(p.Number, commit)] {
			want, err := stateOf(&o, look, at.store, string(x.Key))
			if err != nil {
				return err
			}
			if got, wanted := textOf(t, x.Windows), textOf(t, want.Windows); got != wanted || x.AsOf.ChangelogOffset != offset+1 || x.Partition != want.Partition {
				t.Errorf("%s at commit %d of partition %d, offset %d: %s\nwant at %d %s", x.Key, commit, x.Partition, x.AsOf.ChangelogOffset, got, offset+1, wanted)
			}
			checked++
			windows += len(x.Windows)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked+asOfNone != len(a.answers) {
		t.Errorf("%d of %d answers are of a commit that never was", len(a.answers)-checked-asOfNone, len(a.answers))
	}
	return checked, windows
}

// TestAnAnswerIsWhatIsCommitted asks two workers, of which one comes later and goes before the end, while every sixth end of a
// transaction gets no answer, so that some commits land unheard and others do not land: each answer is what the changelog
// has at the commit that it names, and a worker that does not have a key knows who does.
func TestAnAnswerIsWhatIsCommitted(t *testing.T) {
	for seed := range uint64(4) {
		onStage(t, func(ctx context.Context, t *testing.T, s stage) { t.Helper(); askTwo(ctx, t, s, seed) })
	}
}

// refuseEnds makes every sixth end of a worker's transaction go without an answer.
func (s stage) refuseEnds(rng *rand.Rand) {
	s.cluster.ControlKey(kmsg.EndTxn.Int16(), func(request kmsg.Request) (kmsg.Response, error, bool) {
		s.cluster.KeepControl()
		if end, ok := request.(*kmsg.EndTxnRequest); ok && end.TransactionalID != feederID && rng.IntN(6) == 0 {
			return nil, errors.New("the test refuses"), true
		}
		return nil, nil, false
	})
}

func askTwo(ctx context.Context, t *testing.T, s stage, seed uint64) {
	t.Helper()
	load := newWorkload(seed)
	ctx, stop := context.WithCancel(ctx)
	s.refuseEnds(roll(seed, "refuse"))
	a := &asker{elsewhere: map[[2]int]int{}, notNow: map[string]int{}}
	plan := job()
	first, second := s.numbered(t, 0, plan), s.numbered(t, 1, plan)
	var running, others sync.WaitGroup
	running.Go(func() {
		if err := load.feed(ctx, s.client, seed); err != nil {
			t.Errorf("feed: %v", err)
		}
	})
	running.Go(func() {
		if err := first.Run(ctx); err != nil {
			t.Errorf("the first: %v", err)
		}
	})
	running.Go(func() { a.ask(ctx, 0, first, roll(seed, "ask 0")) })
	secondCtx, stopSecond := context.WithCancel(ctx)
	running.Go(func() { a.ask(ctx, 1, second, roll(seed, "ask 1")) })
	others.Go(func() {
		sleep(secondCtx, 2*time.Second)
		if err := second.Run(secondCtx); err != nil {
			t.Errorf("the second: %v", err)
		}
	})
	running.Go(func() { sleep(ctx, 7*time.Second); stopSecond() })
	got, err := load.collect(ctx, s.client, time.Minute)
	if err != nil {
		t.Error(err)
	}
	stopSecond()
	others.Wait()
	stop()
	running.Wait()
	if v := load.verdict(got); v != "" {
		t.Error(v)
	}
	checked, windows := a.truth(t.Context(), t, s, plan)
	t.Logf("seed %d: %d answers checked, %d windows in them; elsewhere %v, not now %v", seed, checked, windows, a.elsewhere, a.notNow)
	if checked < 50 || windows < 50 || a.elsewhere[[2]int{0, 1}] == 0 || a.elsewhere[[2]int{1, 0}] == 0 || len(a.failed) > 0 {
		t.Errorf("seed %d: too little was seen, or %v", seed, a.failed)
	}
	for pair := range a.elsewhere {
		if pair[0] == pair[1] {
			t.Errorf("worker %d sends to itself", pair[0])
		}
	}
}
