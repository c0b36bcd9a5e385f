package sim

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// hung is a backend whose disk stops to answer, and goes on.
type hung struct {
	state.Backend
	hangs atomic.Bool
}

func (h *hung) Open(task string) (state.Store, error) {
	s, err := h.Backend.Open(task)
	return &hungStore{s, h}, err
}

type hungStore struct {
	state.Store
	disk *hung
}

func (s *hungStore) Apply(changes *state.Changes, at state.Position) error {
	for s.disk.hangs.Load() {
		time.Sleep(time.Second)
	}
	return s.Store.Apply(changes, at)
}

// TestAWorkerWhoseDiskHangsIsStuck lets a commit's way to the store take longer than any does: the worker's status says that it is stuck,
// so that the kubelet starts it again, and does not once the store answers.
func TestAWorkerWhoseDiskHangsIsStuck(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		disk := &hung{Backend: memory.New()}
		w, err := worker.New(worker.Config{
			Plan: job(), Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Kafka: s.options, Backend: disk,
			CommitInterval: commitEvery, Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		for w.Snapshot().Phase != control.Running {
			sleep(ctx, 10*time.Millisecond)
		}
		disk.hangs.Store(true)
		load := newWorkload(1)
		fed := make(chan error, 1)
		go func() { fed <- load.feed(ctx, s.client, 1) }()
		stuck := func(after time.Duration) bool {
			sleep(ctx, after)
			status := w.Snapshot()
			return status.Stuck(time.Now())
		}
		if stuck(control.StuckAfter - time.Minute) {
			t.Error("it is stuck before its time")
		}
		if !stuck(2 * time.Minute) {
			t.Error("nobody has noticed that its loop stands still")
		}
		disk.hangs.Store(false)
		if stuck(time.Minute) {
			t.Error("it is stuck though the disk is back")
		}
		if err := <-fed; err != nil {
			t.Fatal(err)
		}
		got, err := load.collect(ctx, s.client, time.Minute)
		if err != nil {
			t.Error(err)
		}
		if v := load.verdict(got); v != "" {
			t.Error(v)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
