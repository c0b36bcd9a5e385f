package worker

import (
	"cmp"
	"context"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
)

// Joined calls InitProducerId: it ends the open transaction of our predecessor, which would otherwise hold back its
// stable offsets. Before the join it would race with the leader, which fences every ordinal that is not a member.
func (s *session) Joined(ctx context.Context) error {
	s.turn.take()
	defer s.turn.give()
	if s.closing {
		return nil
	}
	// Nothing of ours is open before: a worker that is to end does not wait for it, and Poll waits for this callback.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(s.soft, func() { cancel(context.Cause(s.soft)) }) //nolint:contextcheck // it is the context that counts besides ours
	defer stop()
	if err := cmp.Or(s.producer.Begin(ctx), s.outputs.begin(ctx)); err != nil {
		return err
	}
	s.board.change(func(st *control.Status) {
		if st.Phase == control.Waiting {
			st.Phase = control.Running // a worker without a partition is ready too
		}
	})
	return nil
}

// Revoked returns when the last commit with the partitions is resolved.
func (s *session) Revoked(ctx context.Context, partitions []kafka.Partition) {
	s.turn.take()
	defer s.turn.give()
	if s.closing || s.fatal != nil {
		return
	}
	begin := time.Now()
	s.fatal = s.commit(context.WithoutCancel(ctx), revokePatience)
	for _, p := range partitions {
		if t := s.tasks[p]; t != nil && !s.cfg.Plants.keepRevoked() { // it is not there if it was taken away while it was restored
			if err := s.drop(t); err != nil && s.fatal == nil {
				s.fatal = err
			}
		}
	}
	s.log.Info("partitions handed on", "partitions", len(partitions), "took", time.Since(begin), "cause", s.fatal)
}

// Lost drops everything and commits nothing: the tasks may already run elsewhere.
func (s *session) Lost(_ context.Context, partitions []kafka.Partition) {
	s.turn.take()
	defer s.turn.give()
	if s.closing {
		return
	}
	for _, t := range s.tasks {
		_ = s.drop(t) // nothing of it counts any more
	}
	s.fatal = graver(s.fatal, fault.New(fault.Transient, fault.Place{}, "the group has given %d of our partitions to others", len(partitions)))
}

// Open restores tasks, while those that stay go on.
func (s *session) Open(ctx context.Context, partitions []kafka.Committed) error {
	if len(partitions) == 0 {
		return nil
	}
	s.opens.Add(1)
	defer s.opens.Add(-1)
	begin := time.Now()
	s.board.phase(control.Restoring)
	if err := s.forget(partitions); err != nil {
		return err
	}
	opening, err := s.restore(ctx, partitions)
	if err == nil {
		err = s.admit(ctx, opening)
	}
	if err != nil {
		for _, o := range opening {
			o.abandon()
		}
		if ctx.Err() == nil { // else a rebalance came in between, and the partitions will be opened again
			s.turn.take()
			s.fatal = graver(err, s.fatal)
			s.turn.give()
		}
		return err
	}
	s.board.phase(control.Running)
	s.log.Info("partitions opened", "partitions", len(partitions), "took", time.Since(begin))
	return nil
}

// forget drops tasks that are opened anew: a rebalance came between their opening and their first fetch.
func (s *session) forget(partitions []kafka.Committed) error {
	s.turn.take()
	defer s.turn.give()
	for _, c := range partitions {
		if t := s.tasks[c.Partition]; t != nil {
			if err := s.drop(t); err != nil {
				return err
			}
		}
	}
	return nil
}
