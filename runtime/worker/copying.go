package worker

import (
	"context"
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/state"
)

// commitOverhead is about what a commit adds to a changelog besides the changes.
const commitOverhead = 512

// copying is a snapshot on its way, on a goroutine of its own. That one never waits for the turn, so that whoever has it
// may wait for the goroutine.
type copying struct {
	of      *running
	cancel  context.CancelFunc
	stopped bool          // by us: its error is no failure
	done    chan struct{} // closed when everything below is set
	took    time.Duration
	result  snapshot.Result
	err     error
}

// set is the snapshots of a task.
func (s *session) set(taskID, log string) *snapshot.Set {
	return &snapshot.Set{
		Blobs: s.cfg.Snapshots.Blobs, FileBytes: s.cfg.Snapshots.FileBytes,
		Identity: snapshot.Identity{
			Job: s.cfg.Topics.Prefix, StateEpoch: s.cfg.Topics.StateEpoch, StateHash: s.cfg.Plan.StateHash, Task: taskID, Log: log,
		},
	}
}

// firstCopy spreads the tasks' snapshots over the interval.
func (s *session) firstCopy(id string, now time.Time) time.Time {
	const parts = 1 << 16
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // it has no errors
	return now.Add(s.cfg.Snapshots.Interval / parts * time.Duration(h.Sum32()%parts))
}

// copyState looks at the snapshot that is on its way, and begins the next one that is due. The store of a task equals a commit
// whenever the loop is here. The caller has the turn.
func (s *session) copyState(hard context.Context, now time.Time) {
	if s.cfg.Snapshots.Blobs == nil {
		return
	}
	if s.copying != nil {
		select {
		case <-s.copying.done:
			s.copied()
		default:
			return
		}
	}
	var due *running
	for _, t := range s.tasks {
		if t.store != nil && t.changed >= s.cfg.Snapshots.LeastChangedBytes && !now.Before(t.copyAt) && (due == nil || t.copyAt.Before(due.copyAt)) {
			due = t
		}
	}
	if due == nil {
		return
	}
	due.copyAt = now.Add(s.cfg.Snapshots.Interval)
	freezer, ok := due.store.(state.Freezer)
	if !ok {
		return
	}
	frozen, err := freezer.Freeze(mostCopiedBytes)
	if err != nil {
		s.log.Warn("the state of a task is not copied", "task", due.ID(), "cause", err)
		s.board.change(func(st *control.Status) { st.Snapshots.Failed++ })
		return
	}
	due.changed = 0
	ctx, cancel := context.WithCancel(hard)
	c := &copying{of: due, cancel: cancel, done: make(chan struct{})}
	s.copying = c
	set, attempt := s.set(due.ID(), due.log), snapshot.Attempt{Worker: s.cfg.Ordinal, Begin: now}
	go func() {
		defer close(c.done)
		c.result, c.err = s.copyOne(ctx, set, s.cfg.Plants.frozen(frozen), attempt, due.changelog)
		c.err = errors.Join(c.err, frozen.Close())
		c.took = time.Since(now)
	}()
}

// copyOne takes a snapshot, deletes what it replaces, and shortens the changelog.
func (s *session) copyOne(ctx context.Context, set *snapshot.Set, f state.Frozen, a snapshot.Attempt, changelog kafka.Partition) (snapshot.Result, error) {
	r, err := set.Take(ctx, f, a)
	if err != nil {
		return r, err
	}
	swept, err := set.Sweep(ctx, time.Now())
	if err != nil || len(swept.Kept) < snapshot.Keep {
		return r, err
	}
	return r, s.shorten(ctx, changelog, swept.Kept[snapshot.Keep-1].Offset)
}

// shorten deletes a changelog below the oldest snapshot that is kept: were the newest one damaged, the older one would
// still have its tail. What the log loses, the local store must have on its disk.
func (s *session) shorten(ctx context.Context, changelog kafka.Partition, before int64) error {
	if f, ok := s.cfg.Backend.(state.Flusher); ok {
		if err := f.Flush(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, shortRequest)
	defer cancel()
	return s.admin.DeleteBefore(ctx, map[kafka.Partition]int64{changelog: s.cfg.Plants.shortenTo(before)})
}

// copied takes note of a snapshot whose goroutine has ended. The caller has the turn.
func (s *session) copied() {
	c := s.copying
	s.copying = nil
	c.cancel()
	for _, err := range c.result.Damaged {
		s.log.Error("a snapshot is damaged; a new one replaces it", "task", c.of.ID(), "cause", err)
	}
	if c.err != nil {
		if !c.stopped {
			s.log.Warn("a snapshot was not finished; the changelog stays as it is", "task", c.of.ID(), "cause", c.err)
			s.board.change(func(st *control.Status) { st.Snapshots.Failed++ })
		}
		if c.result.Manifest == nil {
			c.of.changed += s.cfg.Snapshots.LeastChangedBytes // it is as worth it as before
		}
		return
	}
	m := c.result.Manifest
	size, keys := m.Totals()
	c.of.copy = &control.Snapshot{Commit: m.Commit, Offset: m.Offset, TakenAt: m.TakenAt, Bytes: size, Rows: keys}
	s.board.change(func(st *control.Status) {
		st.Snapshots.Bytes += c.result.UploadedBytes
		if c.result.Taken {
			st.Snapshots.Taken++
			st.Snapshots.Last = m.TakenAt
		}
	})
	s.log.Info("snapshot taken", "task", c.of.ID(), "commit", m.Commit, "offset", m.Offset, "rows", keys, "bytes", size,
		"uploaded", c.result.UploadedBytes, "files_reused", c.result.Reused, "took", c.took)
}

// stopCopying ends the snapshot of a task that leaves, and waits for it. The caller has the turn.
func (s *session) stopCopying(t *running) {
	if s.copying == nil || s.copying.of != t {
		return
	}
	s.copying.stopped = true
	s.copying.cancel()
	<-s.copying.done
	s.copied()
}

// copyProblem says what stands between a task and a snapshot that could be restored.
func copyProblem(configured bool, refused []error) string {
	switch {
	case !configured:
		return "no store of snapshots is configured"
	case len(refused) == 0:
		return "there is no snapshot of it"
	}
	const most = 4 // are named; more of them are in the log
	var why []string
	for _, err := range refused[:min(len(refused), most)] {
		why = append(why, err.Error())
	}
	return "no snapshot of it can be used: " + strings.Join(why, "; ")
}
