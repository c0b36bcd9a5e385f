package sim

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// copier is a worker whose memory is lost at its end.
func (s stage) copier(t *testing.T, blobs snapshot.Blobs) *worker.Worker {
	t.Helper()
	w, err := worker.New(worker.Config{
		Plan: job(), Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Kafka: s.options, Backend: memory.New(),
		CommitInterval: commitEvery, Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
		Snapshots: worker.Snapshots{Blobs: blobs, Interval: copyEvery, LeastChangedBytes: 1, FileBytes: 64},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// during runs a worker until it has ended by itself, or for a while after it has restored its tasks.
func during(ctx context.Context, t *testing.T, w *worker.Worker, d time.Duration) error {
	t.Helper()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	for begin := time.Now(); time.Since(begin) < time.Minute; sleep(t.Context(), 50*time.Millisecond) {
		select {
		case err := <-ended:
			return err
		default:
		}
		if s := w.Snapshot(); s.Phase == control.Running && len(s.Tasks) == 2*partitions {
			sleep(t.Context(), d)
			break
		}
	}
	stop()
	return <-ended
}

// TestDamagedAndLostSnapshots restores a job whose changelogs were shortened: from whole snapshots, from the older ones where the
// newest are damaged, and not at all where nothing is left, which it says with the name of what is wrong.
func TestDamagedAndLostSnapshots(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		load := newWorkload(1)
		blobs := snapshottest.New()
		fed := make(chan error, 1)
		go func() { fed <- load.feed(ctx, s.client, 1) }()
		first := s.copier(t, blobs)
		if err := during(ctx, t, first, 4*time.Second); err != nil {
			t.Fatal(err)
		}
		if n, err := shortened(ctx, s.client); err != nil || n != partitions {
			t.Fatalf("%d changelogs were shortened, %v", n, err)
		}
		if st := first.Snapshot().Snapshots; st.Taken < 2*partitions || st.Failed > 0 || st.Last.IsZero() {
			t.Errorf("it says of its snapshots %+v", st)
		}
		if err := <-fed; err != nil {
			t.Fatal(err)
		}
		s.nothingLeft(ctx, t, nil, "no store of snapshots is configured")
		s.nothingLeft(ctx, t, snapshottest.New(), "there is no snapshot of it")
		damaged := blobs.Clone()
		for _, name := range damaged.Names() {
			damaged.Flip(name, 100)
		}
		s.nothingLeft(ctx, t, damaged, ".json: ")

		s.theOlderOnes(ctx, t, blobs)
		got, err := load.collect(ctx, s.client, time.Minute)
		if err != nil {
			t.Error(err)
		}
		if v := load.verdict(got); v != "" {
			t.Error(v)
		}
	})
}

// theOlderOnes damages the newest snapshot of each task, and lets a worker restore what is left.
func (s stage) theOlderOnes(ctx context.Context, t *testing.T, blobs *snapshottest.Blobs) {
	t.Helper()
	newest := map[string]string{} // by folder
	for _, name := range blobs.Names() {
		if folder, _, ok := strings.Cut(name, "/snapshots/"); ok {
			newest[folder] = name
		}
	}
	for _, name := range newest {
		blobs.Flip(name, 100)
	}
	w := s.copier(t, blobs)
	var seen atomic.Bool
	blobs.Before = func(op snapshottest.Op, name string) error {
		if op == snapshottest.Get && strings.Contains(name, "/data/") && len(w.Snapshot().Restores) > 0 {
			seen.Store(true)
		}
		return nil
	}
	if err := during(ctx, t, w, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	r, left := w.Snapshot().Restored, w.Snapshot().Restores
	if r.Refused != partitions || r.Records == 0 || r.Bytes == 0 || !seen.Load() || len(left) != 0 {
		t.Errorf("restored %+v, seen on its way: %v; left: %v", r, seen.Load(), left)
	}
}

// nothingLeft expects that a worker without local state ends with an error that says why.
func (s stage) nothingLeft(ctx context.Context, t *testing.T, blobs *snapshottest.Blobs, why string) {
	t.Helper()
	var store snapshot.Blobs
	if blobs != nil {
		store = blobs
	}
	err := during(ctx, t, s.copier(t, store), 0)
	if fault.KindOf(err) != fault.Corrupt || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "is lost: its changelog begins at") {
		t.Errorf("without its state the job ends with %v, want: %s", err, why)
	}
}
