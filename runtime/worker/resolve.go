package worker

import (
	"context"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/task"
)

const askPatience = 30 * time.Second

// resolve handles a commit whose answer never came. The abort makes the producer call InitProducerId: afterwards the
// transaction is over, one way or the other, and the stable offsets say which. Nothing is rewound without asking.
func (s *session) resolve(ctx context.Context, parts []part, cause error) error {
	s.log.Warn("the outcome of a commit is unknown", "cause", cause)
	if err := s.producer.Abort(ctx); err != nil {
		return err
	}
	if s.cfg.Plants.rewindOnUnknown() {
		return s.rollback()
	}
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	found, err := s.admin.Committed(ctx, s.cfg.Topics.Group(), s.cfg.inputs()...)
	if err != nil {
		return err
	}
	landed, err := landed(parts, found)
	if err != nil {
		return err
	}
	s.log.Info("the outcome of a commit is known", "landed", landed)
	if landed {
		return s.apply(parts)
	}
	return s.rollback()
}

// landed compares what a commit would have written with what is there. A transaction is whole, so the parts agree; a
// part that is neither its old nor its new self belongs to another owner. Its new self names the worker too: another one that
// opened the task from the same commit as we did has our ownership epoch, and its commit is not ours.
func landed(parts []part, found []kafka.Committed) (bool, error) {
	now, err := metas(found)
	if err != nil {
		return false, err
	}
	yes, no := 0, 0
	for _, p := range parts {
		switch m := now[p.in]; {
		case !p.sealed && m.Seq == p.meta.Seq: // says nothing: its offset is the same before and after
		case m.Seq == p.meta.Seq && m.Owner == p.meta.Owner && m.Worker == p.meta.Worker && m.JobEpoch == p.meta.JobEpoch:
			yes++
		case p.sealed && m.Seq == p.meta.Seq-1 && m.Owner <= p.meta.Owner && m.JobEpoch <= p.meta.JobEpoch:
			no++
		default:
			return false, fault.New(fault.Transient, fault.Place{}, "%s has another owner: the group says commit %d of owner %d (worker %d), here it is commit %d of owner %d",
				p.in, m.Seq, m.Owner, m.Worker, p.meta.Seq, p.meta.Owner)
		}
	}
	if yes > 0 && no > 0 {
		return false, fault.New(fault.Corrupt, fault.Place{}, "a transaction has landed in part: %d offsets are new, %d are old", yes, no)
	}
	return yes > 0, nil
}

// metas reads the metadata of what is committed. A partition without an offset was added since and is nobody's.
func metas(found []kafka.Committed) (map[kafka.Partition]task.Meta, error) {
	all := make(map[kafka.Partition]task.Meta, len(found))
	for _, c := range found {
		if c.Offset < 0 {
			continue
		}
		m, err := metaOf(c)
		if err != nil {
			return nil, err
		}
		all[c.Partition] = m
	}
	return all, nil
}
