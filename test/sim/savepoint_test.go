package sim

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// savepointsOneIn is how many of the seeds are played with savepoints as well: one in so many.
const savepointsOneIn = 3

// TestSavepointsAndMoves runs seeds in which savepoints are written while everything happens that happens anyway, and jobs
// stop and go on from them with another maxParallelism: every row comes out once, over all of a game's jobs.
func TestSavepointsAndMoves(t *testing.T) {
	begin := time.Now()
	sums := &savesOver{}
	n := max(1, *seeds/savepointsOneIn)
	for i := range n {
		seed := *first + uint64(i)
		o := runGame(t, seed, savePlan(seed), bugs{}, sums.game())
		sums.crashes += o.crashes
		if o.wrong == "" {
			continue
		}
		hits := 0
		for range repeats {
			if runGame(t, seed, savePlan(seed), bugs{}, (&savesOver{}).game()).wrong != "" {
				hits++
			}
		}
		t.Errorf("seed %d: %s (run again: %d of %d fail)", seed, o.wrong, hits, repeats)
		if *loud {
			t.Log(o.log)
		}
	}
	t.Logf("%d seeds in %v: %d crashes, %d savepoints of jobs that went on, %d moves", n, time.Since(begin), sums.crashes, sums.saved, sums.moved)
	if n >= 10 && (sums.saved == 0 || sums.moved < n/2) {
		t.Error("hardly anything was saved or moved: the test sees nothing")
	}
}

// slowBlobs takes its time, so that the job commits while its shares are written.
type slowBlobs struct{ *snapshottest.Blobs }

// Put writes a blob.
func (b slowBlobs) Put(ctx context.Context, name string, content []byte) error {
	sleep(ctx, 500*time.Millisecond)
	return b.Blobs.Put(ctx, name, content)
}

// A job that nothing happens to has no reason to fail a savepoint. In the seeds one may fail, and is asked for again.
func TestASavepointOfAJobThatGoesOnIsMade(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		ctx, stop := context.WithCancel(ctx)
		var running sync.WaitGroup
		running.Go(func() {
			if err := newWorkload(1).feed(ctx, s.client, 1); err != nil && ctx.Err() == nil {
				t.Errorf("feed: %v", err)
			}
		})
		e := era{epoch: firstEpoch, parallel: partitions}
		plan, err := e.plan(job())
		if err != nil {
			t.Fatal(err)
		}
		w, err := worker.New(worker.Config{
			Plan: plan, Topics: e.topics(), Epoch: e.epoch, Kafka: s.options, Backend: memory.New(), CommitInterval: commitEvery,
			Savepoints: worker.Savepoints{Blobs: slowBlobs{snapshottest.New()}, Files: parquet.Files{}}, Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		sleep(ctx, 2*time.Second)
		asker := &world{era: e, options: s.options, net: New(Plan{}, s.options.Dial)}
		for n := range 2 {
			before := w.Snapshot().Commits
			if asker.save(ctx, false) == "" {
				t.Errorf("savepoint %d was not made", n)
			}
			if w.Snapshot().Commits-before < 10 {
				t.Errorf("%d commits meanwhile: the test sees nothing", w.Snapshot().Commits-before)
			}
		}
		stop()
		running.Wait()
		asker.net.Wait()
		if len(asker.failed) > 0 {
			t.Error(asker.failed)
		}
	})
}

// savePlan is a seed's plan with one or two moves in it, and a savepoint before.
func savePlan(seed uint64) Plan {
	p := seedPlan(seed)
	r := roll(seed, "saves")
	at := time.Second + time.Duration(r.IntN(3000))*time.Millisecond
	if r.IntN(2) == 0 {
		p.Schedule = append(p.Schedule, Event{At: at, Verb: Save})
		at += time.Duration(r.IntN(2000)) * time.Millisecond
	}
	for range 1 + r.IntN(2) {
		p.Schedule = append(p.Schedule, Event{At: at, Verb: Move, Parallel: 1 + r.IntN(2*partitions)})
		at += time.Second + time.Duration(r.IntN(4000))*time.Millisecond
	}
	slices.SortStableFunc(p.Schedule, func(a, b Event) int { return int(a.At - b.At) })
	return p
}

// savesOver are sums over games.
type savesOver struct{ crashes, saved, moved int }

func (s *savesOver) game() game {
	return func(w *world, ctx context.Context) outcome {
		w.savepoints = snapshottest.New()
		o := w.play(ctx)
		s.saved += w.saved
		s.moved += w.moved
		return o
	}
}
