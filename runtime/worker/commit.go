package worker

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/task"
)

// part is a task's share of a commit.
type part struct {
	*running
	meta      task.Meta
	sealed    bool
	changelog int64 // the offset after its last changelog record
}

// commit ends the open transaction with the offsets of every task, moved or not: a transaction without a task's offset
// is not fenced by the task's new owner. When it returns nil the outcome is known: applied, or rolled back with the
// tasks marked mustSeek. An error means that the session is over. Patience bounds the writing, before it is aborted. The
// caller has the turn.
//
// Progress that is only markers makes no task pending and no commit: two stages would keep each other awake for ever.
func (s *session) commit(ctx context.Context, patience time.Duration) error {
	if !s.anyPending() {
		return nil
	}
	s.producer.At(time.Now())
	parts, err := s.seal()
	if err != nil {
		return err
	}
	if s.cfg.untransacted() {
		return s.confirm(ctx, patience, parts)
	}
	if s.producer.Records() == 0 {
		if err := s.mark(parts); err != nil { //nolint:contextcheck // its patience is the producer's own
			return err
		}
	}
	if err := cmp.Or(s.outputs.prove(ctx, patience), s.producer.Flush(ctx, patience)); err != nil {
		return s.abort(ctx, err)
	}
	s.shipped = s.producer.Shipped()
	s.stretch.took(s.producer.Touched() + 1) // the group's offsets are a partition, too
	offsets := s.offsets(parts)
	if s.cfg.Plants.applyEarly() {
		if err := s.apply(parts); err != nil {
			return err
		}
		parts = nil
	}
	s.cfg.Plants.reached(beforeOffsets)
	outcome, err := s.producer.Commit(ctx, s.member, offsets)
	s.cfg.Plants.reached(afterOffsets)
	switch {
	case outcome == kafka.NotEnded:
		return s.abort(ctx, err)
	case outcome == kafka.Unknown:
		return s.resolve(ctx, parts, err)
	case err != nil: // landed, and the next transaction can't begin
		if e := s.apply(parts); e != nil {
			return e
		}
		return err
	}
	return s.apply(parts)
}

// mark writes a record that says nothing but that there was a commit.
func (s *session) mark(parts []part) error {
	id, meta := []byte(s.cfg.Topics.InstanceID(s.cfg.Ordinal)), []byte(parts[0].meta.Encode())
	return s.producer.Emit(s.cfg.Topics.Commits(), 0, id, meta)
}

func (s *session) anyPending() bool {
	for _, t := range s.tasks {
		if t.Pending() {
			return true
		}
	}
	return false
}

// seal makes every task emit its share. Sources come before the exchanges that they feed, as in the plan.
func (s *session) seal() ([]part, error) {
	s.sealing = 0
	parts := make([]part, 0, len(s.tasks))
	for _, t := range s.tasks {
		parts = append(parts, part{running: t})
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.ID(), b.ID()) })
	for i := range parts {
		p := &parts[i]
		if !p.Pending() {
			p.meta = p.Meta()
			continue
		}
		begin := time.Now()
		s.pulse.begins(begin)
		sealed, err := p.Seal()
		s.pulse.ends()
		if err != nil {
			return nil, err
		}
		s.sealing += p.work(begin).Sub(begin)
		p.meta, p.sealed = sealed.Meta, true
	}
	return parts, nil
}

// apply tells the tasks that their commit is part of the log.
func (s *session) apply(parts []part) error {
	c := covered{bytes: control.Bytes{Out: s.shipped.Rows, Changelogs: s.shipped.Tracked}, fetches: s.fetches, stages: map[string]reading{}}
	for _, p := range parts {
		if !p.sealed {
			continue
		}
		p.changed += int64(p.StateBytes()) + commitOverhead
		s.pulse.begins(time.Now())
		err := p.Committed(p.changelog)
		s.pulse.ends()
		if err != nil {
			return fault.Wrap(fault.KindOf(err), err, "apply the commit of %s", p.ID())
		}
		c.cover(p.running)
	}
	s.board.landed(time.Now(), &c)
	s.fetches.forget()
	s.shipped = kafka.Shipped{}
	return nil
}

// abort is for a transaction that certainly did not land. Where commits are none, it ends the session.
func (s *session) abort(ctx context.Context, cause error) error {
	if s.cfg.untransacted() {
		return s.forgo(cause)
	}
	s.log.Warn("a transaction is aborted", "cause", cause)
	if !recoverable(cause) {
		return cause
	}
	if err := cmp.Or(s.producer.Abort(ctx), s.outputs.abort(ctx)); err != nil {
		return err
	}
	return s.rollback()
}

// rollback takes every task back to its last commit.
func (s *session) rollback() error {
	for _, t := range s.tasks {
		if err := t.Rollback(); err != nil {
			return err
		}
		t.mustSeek = true
		t.open = reading{}
		s.stopImport(t)
		t.imported = false
	}
	s.fetches.forget()
	s.board.change(func(st *control.Status) { st.Aborts++ })
	return nil
}
