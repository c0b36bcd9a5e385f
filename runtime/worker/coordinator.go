package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/task"
)

// coordinateEvery is how often the coordinator looks at what tasks have committed while a savepoint is at work.
const coordinateEvery = 100 * time.Millisecond

// coordinate brings savepoints, and a drain, to their ends while the plan's first task is here: it counts what the tasks say in the offsets
// that they have committed, and tells all workers by the control topic. It remembers nothing, so whoever comes after it goes
// on where it was.
func (s *session) coordinate(ctx context.Context) {
	said := ""
	var v survey
	var e ending
	for wait(ctx, coordinateEvery) == nil {
		if !s.coordinates.Load() {
			continue
		}
		now := time.Now()
		o := s.commands.orders(now)
		var err error
		switch {
		case o.expired.Number != 0:
			err = s.expire(ctx, o.expired)
		case o.active.Number != 0:
			var p progress
			if p, err = s.further(ctx, o.active); err == nil && p.String() != said {
				said = p.String()
				s.log.Info("savepoint", "id", o.active.ID, "progress", said)
			}
		case o.ending && !o.end.Over:
			err = e.further(ctx, s, o.end, now)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("what was asked of the job waits", "cause", err)
		}
		if err := errors.Join(v.look(ctx, s, now), v.forget(ctx, s, now)); err != nil && ctx.Err() == nil {
			s.log.Warn("nobody is told how far the tasks are", "cause", err)
		}
	}
}

// further does what comes next for a savepoint.
func (s *session) further(ctx context.Context, c command.Command) (progress, error) {
	p, metas, err := s.lookAtShares(ctx, c)
	switch {
	case err != nil:
		return p, err
	case p.failure != "":
		return p, s.tell(ctx, command.Record{Kind: command.Aborted, ID: c.ID, Reason: p.failure})
	case p.cut < p.tasks:
		return p, nil
	case c.State == command.Cutting:
		return p, s.tell(ctx, command.Record{Kind: command.Cut, ID: c.ID})
	case p.written < p.shares:
		return p, nil
	}
	m, err := s.manifest(ctx, c, metas)
	if fault.KindOf(err) == fault.Corrupt {
		return p, s.tell(ctx, command.Record{Kind: command.Aborted, ID: c.ID, Reason: err.Error()})
	}
	if err != nil {
		return p, err
	}
	return p, s.tell(ctx, command.Record{Kind: command.Done, ID: c.ID, Rows: m.Totals.Rows, Bytes: m.Totals.Bytes})
}

// expire says of a savepoint that its deadline has passed, and what it lacked.
func (s *session) expire(ctx context.Context, c command.Command) error {
	p, _, err := s.lookAtShares(ctx, c)
	if err != nil {
		return err
	}
	return s.tell(ctx, command.Record{Kind: command.Aborted, ID: c.ID, Reason: "its deadline has passed: " + p.String()})
}

// lookAtShares reads what the tasks have committed.
func (s *session) lookAtShares(ctx context.Context, c command.Command) (progress, map[kafka.Partition]task.Meta, error) {
	all, err := s.committedMetas(ctx)
	if err != nil {
		return progress{}, nil, err
	}
	stateful := map[string]bool{}
	for i, stage := range s.cfg.Plan.Stages {
		stateful[s.cfg.input(i)] = stage.Stateful
	}
	return judgeShares(all, stateful, c.Number), all, nil
}

// committedMetas reads what the tasks have committed.
func (s *session) committedMetas(ctx context.Context) (map[kafka.Partition]task.Meta, error) {
	ctx, cancel := context.WithTimeout(ctx, shortRequest)
	defer cancel()
	found, err := s.admin.CommittedSoFar(ctx, s.cfg.Topics.Group(), s.cfg.inputs()...)
	if err != nil {
		return nil, err
	}
	return metas(found)
}

// tell appends a record to the control topic.
func (s *session) tell(ctx context.Context, r command.Record) error {
	r.At = time.Now()
	ctx, cancel := context.WithTimeout(ctx, shortRequest)
	defer cancel()
	_, err := s.admin.Append(ctx, kafka.Partition{Topic: s.cfg.Topics.Control()}, r.Encode())
	if err == nil && r.Kind != command.Positions && r.Kind != command.Draining && r.Kind != command.Drained {
		s.log.Info("savepoint", "id", r.ID, "is", string(r.Kind), "reason", r.Reason)
	}
	return err
}

// progress is how far the tasks are with a savepoint.
type progress struct {
	tasks, cut      int
	shares, written int // of the tasks with state
	missing         []string
	failure         string
}

// mostNamed is how many tasks a message names.
const mostNamed = 4

func (p progress) String() string {
	text := fmt.Sprintf("%d of %d tasks cut, %d of %d shares written", p.cut, p.tasks, p.written, p.shares)
	if len(p.missing) == 0 {
		return text
	}
	named := p.missing[:min(len(p.missing), mostNamed)]
	text += "; missing: " + strings.Join(named, ", ")
	if more := len(p.missing) - len(named); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// judgeShares counts what the tasks of inputs say of a savepoint. Stateful says which topics are read by stages with state.
func judgeShares(all map[kafka.Partition]task.Meta, stateful map[string]bool, cut int64) (p progress) {
	for _, at := range slices.SortedFunc(maps.Keys(all), kafka.Partition.Compare) {
		c := all[at].Cut
		p.tasks++
		if stateful[at.Topic] {
			p.shares++
		}
		switch {
		case c.ID != cut:
			p.missing = append(p.missing, at.String())
			continue
		case c.Failure != "" && p.failure == "":
			p.failure = c.Failure
		}
		p.cut++
		switch {
		case !stateful[at.Topic]:
		case c.Part == "":
			p.missing = append(p.missing, at.String())
		default:
			p.written++
		}
	}
	return p
}
