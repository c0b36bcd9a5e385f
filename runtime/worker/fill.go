package worker

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/state"
)

// filledAtOnce is how many tasks are filled from snapshots at the same time.
const filledAtOnce = 4

// extent is what a changelog partition holds.
type extent struct{ start, end int64 }

// logs looks at the changelogs of tasks.
func (s *session) logs(ctx context.Context, stateful []*opening) (map[kafka.Partition]extent, error) {
	topics := s.cfg.changelogs()
	starts, err := s.admin.Starts(ctx, topics...)
	if err != nil {
		return nil, err
	}
	ends, err := s.admin.Ends(ctx, topics...)
	if err != nil {
		return nil, err
	}
	var ids map[string]string
	if s.cfg.Snapshots.Blobs != nil || slices.ContainsFunc(stateful, (*opening).rooted) {
		if ids, err = s.admin.TopicIDs(ctx, topics...); err != nil {
			return nil, err
		}
	}
	found := make(map[kafka.Partition]extent, len(stateful))
	for _, o := range stateful {
		o.log = ids[o.changelog.Topic]
		if r, ok := o.store.(state.Rooted); ok {
			if err := r.Root(o.log); err != nil {
				return nil, err
			}
		}
		found[o.changelog] = extent{starts[o.changelog], ends[o.changelog]}
	}
	return found, nil
}

// rooted says that the store must know which topic it follows.
func (o *opening) rooted() bool {
	_, ok := o.store.(state.Rooted)
	return ok
}

// fill brings each store to a commit from which its changelog goes on: the store's own, a snapshot's, or the beginning.
func (s *session) fill(ctx context.Context, stateful []*opening, logs map[kafka.Partition]extent) error {
	var filling sync.WaitGroup
	slots := make(chan struct{}, filledAtOnce)
	errs := make([]error, len(stateful))
	for i, o := range stateful {
		if at := o.store.Position(); at.Commit > 0 && at.Offset >= logs[o.changelog].start {
			continue // the tail is enough
		}
		slots <- struct{}{}
		filling.Go(func() {
			defer func() { <-slots }()
			errs[i] = s.fillOne(ctx, o, logs[o.changelog])
		})
	}
	filling.Wait()
	return errors.Join(errs...)
}

// fillOne fills a store that the changelog alone does not bring up to date, or only from its beginning.
func (s *session) fillOne(ctx context.Context, o *opening, l extent) error {
	configured := s.cfg.Snapshots.Blobs != nil
	var refused []error
	if configured && o.meta.Seq > 0 {
		var err error
		if refused, err = s.fillFromSnapshot(ctx, o, l); o.copy != nil {
			return nil
		}
		switch {
		case err == nil:
		case ctx.Err() != nil || l.start > 0:
			return fault.Wrap(fault.KindOf(err), err, "restore %s from a snapshot", o.task)
		default:
			s.log.Warn("the store of snapshots does not answer; the whole changelog is read instead", "task", o.task, "cause", err)
		}
	}
	if l.start == 0 {
		return nil // and the store is empty: no position is before the beginning
	}
	if o.meta.Lap >= l.start {
		return s.fillFromLap(o, l)
	}
	at := o.store.Position()
	return fault.New(fault.Corrupt, fault.InRecord(o.changelog.Topic, o.changelog.Number, l.start),
		"the state of %s is lost: its changelog begins at offset %d, the local state ends at %d, and %s", o.task, l.start, at.Offset, copyProblem(configured, refused)).
		Do("name the store that the job's snapshots are in, bring the missing files back, or start the job empty")
}

// fillFromSnapshot sets o.copy when it has filled the store.
func (s *session) fillFromSnapshot(ctx context.Context, o *opening, l extent) (refused []error, err error) {
	loader, ok := o.store.(state.Loader)
	if !ok {
		return nil, nil
	}
	bounds := snapshot.Bounds{Start: l.start, End: l.end, Commit: o.meta.Seq}
	r, err := s.set(o.task, o.log).Restore(ctx, loader, bounds, o.shown)
	for _, cause := range r.Refused {
		s.log.Error("a snapshot is passed over", "task", o.task, "cause", cause)
		o.shown.refused()
	}
	if err != nil || r.Manifest == nil {
		return r.Refused, err
	}
	m := r.Manifest
	size, keys := m.Totals()
	o.copy = &control.Snapshot{Commit: m.Commit, Offset: m.Offset, TakenAt: m.TakenAt, Bytes: size, Rows: keys}
	s.log.Info("filled from a snapshot", "task", o.task, "commit", m.Commit, "offset", m.Offset, "rows", keys, "bytes", size, "end", l.end)
	return r.Refused, nil
}

// shortened looks whether a changelog that lacks what a store needs was cut since we looked at it: a former owner may still
// take a snapshot. Then the next try finds that snapshot.
func (s *session) shortened(ctx context.Context, stateful []*opening, cause error) error {
	starts, err := s.admin.Starts(ctx, s.cfg.changelogs()...)
	if err != nil {
		return err
	}
	for _, o := range stateful {
		if at := o.store.Position().Offset; at < starts[o.changelog] && at == o.from {
			return fault.Wrap(fault.Transient, cause, "the changelog %s was shortened while it was read", o.changelog)
		}
	}
	return cause
}
