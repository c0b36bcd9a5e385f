package worker

import (
	"context"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
)

// obey does what the control topic asks of the tasks. It comes right after what was due was committed, so that the stores
// equal the last commit. The caller has the turn.
func (s *session) obey(ctx context.Context, now time.Time) error {
	o := s.commands.orders(now)
	for _, t := range s.tasks {
		if err := t.Ask(o.heldFor(t.Meta().Cut.ID)); err != nil {
			return err
		}
		s.writeShare(ctx, t, o, now)
	}
	if err := s.endSources(o); err != nil {
		return err
	}
	s.hold(o, now)
	return s.takeOverState(ctx, now)
}

// first is the input of the plan's first task, whose owner coordinates.
func (s *session) first() kafka.Partition { return kafka.Partition{Topic: s.cfg.input(0)} }

// hold stops the fetching for tasks that take no input now, and lets it go on where they were. The caller has the turn.
func (s *session) hold(o orders, now time.Time) {
	r := restraint{
		maxDrift: s.cfg.MaxWatermarkDrift, maxExchangeBytes: s.cfg.MaxExchangeBytes, positions: o.positions, bytesPerRecord: s.builder.RecordBytes,
	}
	var stop []kafka.Partition
	for _, t := range s.tasks {
		s.account(t, now)
		t.waits = s.waits(t, &r)
		held := t.waits != control.WaitsForNothing
		switch {
		case held && !t.stopped:
			stop = append(stop, t.in)
		case !held && t.held:
			t.mustSeek = true
		}
		t.held, t.stopped = held, held
	}
	if len(stop) > 0 {
		s.member.Stop(stop)
	}
}
