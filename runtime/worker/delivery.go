package worker

import (
	"cmp"
	"context"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
)

// A commit that is no transaction, by delivery:
//
//	AtLeastOnce   outputs, exchanges, changelogs ─► offsets ─► apply
//	AtMostOnce    changelogs ─► offsets ─► apply ─► outputs, exchanges, which were held in memory
//
// Whatever goes wrong on the way ends the session. What was sent stays, so there is nothing to abort; the next session's
// tasks are opened from their committed offsets, under an ownership epoch of their own. And a request for the offsets
// that is still on its way is refused from then on, because the member has joined under another id.

// untransacted says that commits are no transactions.
func (c *Config) untransacted() bool { return c.Delivery != spec.ExactlyOnce }

func (c *Config) checkDelivery() error {
	c.Delivery = cmp.Or(c.Delivery, c.Plan.Delivery, spec.ExactlyOnce)
	switch c.Delivery {
	case spec.ExactlyOnce, spec.AtLeastOnce, spec.AtMostOnce:
	default:
		return fault.New(fault.User, fault.Place{}, "unknown delivery %q", c.Delivery).
			Do("use %s, %s or %s", spec.ExactlyOnce, spec.AtLeastOnce, spec.AtMostOnce)
	}
	return nil
}

// newProducer returns the producer that the delivery needs. The topic of commits is among those that it doesn't hold
// back: without transactions each session writes one record there, so that a job that has ever committed can be told
// from one that has not.
func (w *Worker) newProducer(hard context.Context) (*kafka.Producer, error) {
	if !w.cfg.untransacted() {
		return kafka.NewProducer(hard, w.cfg.Kafka, w.cfg.Topics.TransactionalID(w.cfg.Ordinal), w.cfg.changelogs())
	}
	tracked := append(w.cfg.changelogs(), w.cfg.Topics.Commits())
	holds := w.cfg.Delivery == spec.AtMostOnce && !w.cfg.Plants.holdsNothing()
	return kafka.NewPlainProducer(hard, w.cfg.Kafka, w.cfg.Topics.InstanceID(w.cfg.Ordinal), tracked, holds)
}

// confirm is commit for parts that are sealed, where it is no transaction. An error means that the session is over.
func (s *session) confirm(ctx context.Context, patience time.Duration, parts []part) error {
	if !s.marked {
		if err := s.mark(parts); err != nil { //nolint:contextcheck // its patience is the producer's own
			return err
		}
		s.marked = true
	}
	if s.cfg.Plants.offsetsFirst() {
		_, _ = s.member.CommitOffsets(ctx, s.offsets(parts))
	}
	if err := s.producer.Flush(ctx, patience); err != nil {
		return s.forgo(err)
	}
	s.shipped = s.producer.Shipped()
	s.cfg.Plants.reached(beforeOffsets)
	outcome, err := s.member.CommitOffsets(ctx, s.offsets(parts))
	if outcome == kafka.Unknown && s.thereAfterAll(ctx, parts, err) {
		outcome = kafka.Landed
	}
	if outcome != kafka.Landed {
		return s.forgo(err)
	}
	s.cfg.Plants.reached(afterOffsets)
	if err := s.apply(parts); err != nil {
		return err
	}
	if err := s.producer.Confirmed(ctx, patience); err != nil {
		s.log.Warn("results were not written, and will not be", "cause", err)
		return err
	}
	return nil
}

// forgo ends the session over a commit that may not have landed.
func (s *session) forgo(cause error) error {
	s.log.Warn("a commit is given up", "cause", cause)
	return cause
}

// thereAfterAll asks what became of offsets whose answer never came. Those that are found are there for good; of those that
// are not nobody knows: see kafka.Member.CommitOffsets.
func (s *session) thereAfterAll(ctx context.Context, parts []part, cause error) bool {
	s.log.Warn("the outcome of a commit is unknown", "cause", cause)
	ctx, cancel := context.WithTimeout(ctx, shortRequest)
	defer cancel()
	found, err := s.admin.Committed(ctx, s.cfg.Topics.Group(), s.cfg.inputs()...)
	if err != nil {
		s.log.Warn("the group does not say what was committed", "cause", err)
		return false
	}
	there, err := landed(parts, found)
	s.log.Info("the group says what was committed", "landed", there, "cause", err)
	return err == nil && there
}

// offsets is what a commit says of its parts.
func (s *session) offsets(parts []part) []kafka.Committed {
	list := make([]kafka.Committed, 0, len(parts))
	for i := range parts {
		p := &parts[i]
		if !s.cfg.Plants.leavesOut(*p) {
			list = append(list, kafka.Committed{Partition: p.in, Offset: p.meta.Offset, Metadata: p.meta.Encode()})
		}
		if last, ok := s.producer.Written(p.running.changelog); ok {
			p.changelog = last + 1
		}
	}
	return list
}

// own commits the ownership epochs of tasks that were just opened, before they write anything, where commits are no
// transactions: no two openings of a task then write under the same one, and a later one's is higher.
func (s *session) own(ctx context.Context, opened []*running) error {
	if !s.cfg.untransacted() || len(opened) == 0 {
		return nil
	}
	list := make([]kafka.Committed, 0, len(opened))
	for _, t := range opened {
		m := t.Meta()
		list = append(list, kafka.Committed{Partition: t.in, Offset: m.Offset, Metadata: m.Encode()})
	}
	if _, err := s.member.CommitOffsets(ctx, list); err != nil {
		return fault.Wrap(fault.KindOf(err), err, "take over %d tasks", len(list))
	}
	return nil
}

// settled ends the replays at their logs' ends.
func settled(o *opening, err error) error {
	if err == nil {
		err = o.replay.Settle(o.meta)
	}
	if err == nil {
		err = o.replay.Done()
	}
	return err
}
