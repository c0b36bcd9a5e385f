package worker

import (
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// restoration is where a savepoint lets a job begin.
type restoration struct {
	id string
	// epoch is the one that it was made in.
	epoch int64
	// sources is where each partition of what is read goes on.
	sources map[kafka.Partition]task.Cut
	// floor is where tasks behind an exchange begin.
	floor types.Watermark
}

// stands returns an error where the job does not stand where the savepoint has stopped it: a source is somewhere else, or one has committed
// in a later epoch. Found lists the inputs. Offsets that brokers have forgotten say nothing.
func (r *restoration) stands(found []kafka.Committed) error {
	for _, c := range found {
		at, saved := r.sources[c.Partition]
		if c.Offset < 0 || !saved {
			continue
		}
		m, err := metaOf(c)
		switch {
		case err != nil:
			return err
		case c.Offset != at.Offset:
			return fault.New(fault.User, fault.InRecord(c.Topic, c.Number, at.Offset), "the savepoint %s was made here, and the job has gone on to %d: rows between would count twice", r.id, c.Offset).
				Do("make a savepoint of where the job is; or begin from this one without --restore-exactly, and have rows twice")
		case m.JobEpoch > r.epoch && m.Seq > 0:
			return fault.New(fault.User, fault.InRecord(c.Topic, c.Number, at.Offset), "the savepoint %s was made in epoch %d, and epoch %d has committed since: what it has written would be written again",
				r.id, r.epoch, m.JobEpoch).
				Do("make a savepoint of where the job is; or begin from this one without --restore-exactly, and have rows twice")
		}
	}
	return nil
}

// stamps returns the offsets that hand a job over to an epoch that begins from the savepoint. Found lists the inputs; what is
// committed in them is of a former state epoch. Exchanges names the plan's exchanges by their topics.
func (r *restoration) stamps(found []kafka.Committed, epoch int64, b beginnings, exchanges map[string]string) ([]kafka.Committed, error) {
	known := map[string]bool{}
	for p := range r.sources {
		known[p.Topic] = true
	}
	list := make([]kafka.Committed, 0, len(found))
	for _, c := range found {
		m := task.Meta{JobEpoch: epoch}
		at, saved := r.sources[c.Partition]
		_, exchange := exchanges[c.Topic]
		switch {
		case exchange:
			m.Offset, m.Restored, m.Watermark = b.firsts[c.Partition], r.id, r.floor
		case saved:
			m.Offset, m.Restored, m.Watermark, m.Idle = at.Offset, r.id, at.Watermark, at.Idle
			if first := b.firsts[c.Partition]; at.Offset < first && !b.internal[c.Topic] {
				return nil, fault.New(fault.Corrupt, fault.InRecord(c.Topic, c.Number, at.Offset),
					"the savepoint %s goes on here, and the topic begins at %d only: rows are lost", r.id, first).
					Do("restore a later savepoint, or bring the rows back")
			}
		case known[c.Topic] || b.internal[c.Topic]: // a partition that was added since
			m.Offset = b.firsts[c.Partition]
		default: // a topic that the job did not read
			m.Offset = b.starts[c.Partition]
		}
		list = append(list, kafka.Committed{Partition: c.Partition, Offset: m.Offset, Metadata: m.Encode()})
	}
	return list, nil
}
