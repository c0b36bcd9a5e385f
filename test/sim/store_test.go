package sim

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
)

const (
	// copyEvery is the interval of a task's snapshots: some ten in a game.
	copyEvery = 800 * time.Millisecond
	// storeTakesMillis is the most that an operation of the blob store takes: a snapshot outlasts commits, and meets crashes.
	storeTakesMillis = 20
)

// storeLine is a process's connection to the blob store: it ends with its process.
type storeLine struct {
	*snapshottest.Blobs
	line  *Line
	world *world
}

func (s *storeLine) wait(ctx context.Context, name string) error {
	sleep(ctx, time.Duration(roll(s.world.seed, "store", len(name), s.Ops()).IntN(storeTakesMillis))*time.Millisecond)
	if s.line.isDead() {
		sleep(ctx, dialTimeout)
		return errors.New("the process has no network any more")
	}
	return nil
}

// Put writes a blob.
func (s *storeLine) Put(ctx context.Context, name string, content []byte) error {
	if err := s.wait(ctx, name); err != nil {
		return err
	}
	return s.Blobs.Put(ctx, name, content)
}

// Get reads a blob.
func (s *storeLine) Get(ctx context.Context, name string, maxBytes int64) ([]byte, error) {
	if err := s.wait(ctx, name); err != nil {
		return nil, err
	}
	return s.Blobs.Get(ctx, name, maxBytes)
}

// List visits blobs.
func (s *storeLine) List(ctx context.Context, prefix string, visit func(o snapshot.Object) error) error {
	if err := s.wait(ctx, prefix); err != nil {
		return err
	}
	return s.Blobs.List(ctx, prefix, visit)
}

// Delete removes a blob.
func (s *storeLine) Delete(ctx context.Context, name string) error {
	if err := s.wait(ctx, name); err != nil {
		return err
	}
	return s.Blobs.Delete(ctx, name)
}

// left is what a crash leaves of a disk: what was synced and some of the rest or, where there are snapshots or laps, nothing in
// two of three cases.
func (p *process) left(disk *vfs.MemFS, n int) *vfs.MemFS {
	if (p.blobs != nil || p.laps.LeastBytes > 0) && roll(p.seed, "disk", p.ordinal, n).IntN(3) > 0 {
		p.world.mu.Lock()
		p.lost++
		p.world.mu.Unlock()
		return vfs.NewCrashableMem()
	}
	return disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(p.seed, uint64(p.ordinal<<16+n)))})
}
