package sim

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/worker"
)

// onDisk runs a worker with its state on a disk, for a while after it has restored its tasks, and returns what it ended with.
func (s stage) onDisk(ctx context.Context, t *testing.T, disk vfs.FS, snapshots worker.Snapshots, d time.Duration) (*worker.Worker, error) {
	t.Helper()
	backend, err := pebblestore.Open("state", disk, 4<<20, pebblestore.Stamp{Job: prefix, StateEpoch: firstEpoch}, slog.New(slog.NewTextHandler(s.logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	w, err := worker.New(worker.Config{
		Plan: job(), Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Kafka: s.options, Backend: backend,
		CommitInterval: commitEvery, Logger: slog.New(slog.NewTextHandler(s.logs, nil)), Snapshots: snapshots,
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := during(ctx, t, w, d)
	if err := backend.Close(); err != nil {
		t.Fatal(err)
	}
	return w, ended
}

// damage turns a bit in each of a disk's tables: in the first block, where keys are.
func damage(t *testing.T, disk vfs.FS) (tables int) {
	t.Helper()
	names, err := disk.List("state")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ".sst") {
			continue
		}
		path := disk.PathJoin("state", name)
		f, err := disk.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close() // it was only read
		text[10] ^= 1
		if f, err = disk.Create(path, vfs.WriteCategoryUnspecified); err == nil {
			_, err = f.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		tables++
	}
	return tables
}

// TestADamagedDiskIsFoundAndItsTasksRestored turns bits of a worker's state while it is away. The worker that comes back says so and
// ends, or begins without that state; the one after it has restored all, from changelogs or from snapshots, and no row is lost or counted twice.
func TestADamagedDiskIsFoundAndItsTasksRestored(t *testing.T) {
	for name, copied := range map[string]bool{"from changelogs": false, "from snapshots": true} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(ctx context.Context, t *testing.T, s stage) {
				t.Helper()
				var snapshots worker.Snapshots
				if copied {
					snapshots = worker.Snapshots{Blobs: snapshottest.New(), Interval: copyEvery, LeastChangedBytes: 1, FileBytes: 64}
				}
				load := newWorkload(1)
				fed := make(chan error, 1)
				go func() { fed <- load.feed(ctx, s.client, 1) }()
				disk := vfs.NewMem()
				if _, err := s.onDisk(ctx, t, disk, snapshots, 3*time.Second); err != nil {
					t.Fatal(err)
				}
				if damage(t, disk) == 0 {
					t.Fatal("nothing was on the disk")
				}
				second, err := s.onDisk(ctx, t, disk, snapshots, time.Second)
				if err != nil && fault.KindOf(err) != fault.Corrupt {
					t.Fatalf("the worker that finds it ends with %v", err)
				}
				said := s.logs.String()
				if !strings.Contains(said, "a file of the local state is damaged") && !strings.Contains(said, "the local state is thrown away") {
					t.Error("nobody has said that the disk is damaged")
				}
				third, err := s.onDisk(ctx, t, disk, snapshots, 10*time.Second)
				if err != nil {
					t.Fatal(err)
				}
				if n := second.Snapshot().Restored.Records + third.Snapshot().Restored.Records; n == 0 {
					t.Error("nothing was restored")
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
			})
		})
	}
}
