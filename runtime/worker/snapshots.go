package worker

import (
	"time"

	"github.com/millrace/millrace/runtime/snapshot"
)

const (
	// DefaultSnapshotInterval is how often a task's state is copied: a restore then replays some minutes of changes, as much as
	// a worker does in seconds.
	DefaultSnapshotInterval = 5 * time.Minute
	// DefaultLeastChangedBytes is what a changelog has to grow by before a snapshot is worth its requests.
	DefaultLeastChangedBytes = 1 << 20

	// mostCopiedBytes bounds the copy of a task's state that is made in memory where the store has no other way.
	mostCopiedBytes = 256 << 20
)

// Snapshots says where copies of the state go, and how often. The zero value is none: then changelogs are
// rewritten, see Config.Laps.
type Snapshots struct {
	// Blobs is the store; nil means no snapshots. The worker does not close it.
	Blobs snapshot.Blobs
	// Interval is the time between two snapshots of a task; 0 means DefaultSnapshotInterval.
	Interval time.Duration
	// LeastChangedBytes is what a task must have changed since its last snapshot; 0 means DefaultLeastChangedBytes.
	LeastChangedBytes int64
	// FileBytes is the mean size of the files of a snapshot; 0 means snapshot.DefaultFileBytes.
	FileBytes int
}

func (s *Snapshots) fill() {
	if s.Interval <= 0 {
		s.Interval = DefaultSnapshotInterval
	}
	if s.LeastChangedBytes <= 0 {
		s.LeastChangedBytes = DefaultLeastChangedBytes
	}
}
