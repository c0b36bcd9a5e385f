package worker

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/types"
)

// board holds the worker's status for others to read. It is safe for concurrent use.
type board struct {
	mu     sync.Mutex
	status control.Status
	past   control.Rows  // of tasks that are gone
	spent  control.Spent // of sessions that are over
	ages   []control.Age // by stage
}

func newBoard(epoch int64, ordinal int) *board {
	return &board{status: control.Status{Phase: control.Starting, Epoch: epoch, Ordinal: ordinal, Watermark: types.NoWatermark}}
}

func (b *board) snapshot() control.Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.status // its Tasks are replaced, never changed
	s.Restores, s.WarmUps = slices.Clone(s.Restores), slices.Clone(s.WarmUps)
	s.EndToEnd = slices.Clone(b.ages)
	return s
}

func (b *board) change(do func(s *control.Status)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do(&b.status)
}

func (b *board) phase(p control.Phase) { b.change(func(s *control.Status) { s.Phase = p }) }

func (b *board) phaseNow() control.Phase {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status.Phase
}

// committed returns the worker's commits, and whether all tasks of the job are its own, so that there are no others.
func (b *board) committed() (commits int64, all bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status.Commits, len(b.status.Tasks) == b.status.Partitions
}

// gone keeps the counts of a task that leaves the worker.
func (b *board) gone(r control.Rows) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.past = b.past.Plus(r)
}

// landed counts a commit that is done.
func (b *board) landed(now time.Time, c *covered) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.status
	s.Commits, s.LastCommit, s.Bytes = s.Commits+1, now, s.Bytes.Plus(c.bytes)
	for _, f := range c.fetches {
		s.Processing.Add(now.Sub(f.at), f.batches)
	}
	for stage, r := range c.stages {
		if r.newest == 0 {
			continue
		}
		age := b.age(stage)
		age.Oldest.Add(now.Sub(time.UnixMicro(r.oldest)), 1)
		age.Newest.Add(now.Sub(time.UnixMicro(r.newest)), 1)
	}
}

// age returns the place of a stage's ages. The caller has the lock.
func (b *board) age(stage string) *control.Age {
	i, there := slices.BinarySearchFunc(b.ages, stage, func(a control.Age, stage string) int { return strings.Compare(a.Stage, stage) })
	if !there {
		b.ages = slices.Insert(b.ages, i, control.Age{Stage: stage})
	}
	return &b.ages[i]
}

// time publishes what the session did with its time.
func (b *board) time(spent control.Spent, recent control.Shares) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Spent, b.status.Shares = b.spent.Plus(spent), recent
}

// timePast keeps what a session that is over did with its time.
func (b *board) timePast(spent control.Spent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = b.spent.Plus(spent)
	b.status.Spent, b.status.Shares = b.spent, control.Shares{}
}

// tasks publishes what the tasks have done.
func (b *board) tasks(now time.Time, list []control.Task) {
	slices.SortFunc(list, func(x, y control.Task) int { return strings.Compare(x.ID, y.ID) })
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.status
	s.At, s.Tasks, s.Rows, s.LagRecords, s.Watermark = now, list, b.past, 0, types.NoWatermark
	for i, t := range list {
		s.Rows = s.Rows.Plus(t.Rows)
		if t.Source {
			s.LagRecords += t.LagRecords
		}
		if i == 0 || t.Watermark < s.Watermark {
			s.Watermark = t.Watermark
		}
	}
}
