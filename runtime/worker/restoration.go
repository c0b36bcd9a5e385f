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
	// watermarks is where the tasks of a stage behind an exchange stood, and floor where those of a new one begin.
	watermarks map[string]types.Watermark
	floor      types.Watermark
}

// stamps returns the offsets that hand a job over to an epoch that begins from the savepoint. Found lists the inputs; what is
// committed in them is of a former state epoch. Stages names the stage that reads an exchange.
func (r *restoration) stamps(found []kafka.Committed, epoch int64, b beginnings, stages map[string]string) ([]kafka.Committed, error) {
	known := map[string]bool{}
	for p := range r.sources {
		known[p.Topic] = true
	}
	list := make([]kafka.Committed, 0, len(found))
	for _, c := range found {
		m := task.Meta{JobEpoch: epoch}
		at, saved := r.sources[c.Partition]
		stage, exchange := stages[c.Topic]
		switch {
		case exchange:
			m.Offset, m.Restored, m.Watermark = b.firsts[c.Partition], r.id, r.floor
			if w, ok := r.watermarks[stage]; ok {
				m.Watermark = w
			}
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
