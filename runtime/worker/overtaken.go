package worker

import (
	"context"
	"slices"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// overtaken looks into an error that says that records are gone before they were read. Where the group has an offset beyond them, another
// worker has read them, which took the task over while this one was away or not heard, and has deleted what it has read of an exchange:
// then nothing is lost but our place in the group. All other errors are returned as they are.
func (s *session) overtaken(ctx context.Context, err error) error {
	at, offset, gone := kafka.GoneRecords(err)
	if !gone {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, shortRequest)
	defer cancel()
	found, asked := s.admin.CommittedSoFar(ctx, s.cfg.Topics.Group(), at.Topic)
	if asked != nil {
		return fault.Wrap(fault.Transient, asked, "look whether another worker has gone on with %s", at)
	}
	if passed(found, at, offset) {
		return fault.New(fault.Transient, fault.Place{}, "another worker has gone on with %s, from before offset %d", at, offset)
	}
	return err
}

// passed says whether what is committed of a partition is beyond an offset.
func passed(found []kafka.Committed, at kafka.Partition, offset int64) bool {
	i := slices.IndexFunc(found, func(c kafka.Committed) bool { return c.Partition == at })
	return i >= 0 && found[i].Offset > offset
}
