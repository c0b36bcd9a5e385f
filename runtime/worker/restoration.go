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
	// sources is where each partition of what is read goes on.
	sources map[kafka.Partition]task.Cut
	// floor is where tasks behind an exchange begin.
	floor types.Watermark
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
