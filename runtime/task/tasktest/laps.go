package tasktest

import "github.com/millrace/millrace/runtime/state"

// Cut deletes the changelogs of the worker's tasks up to where their last complete laps begin, and returns how many became
// shorter.
func (w *Worker) Cut() int {
	cut := 0
	for id, o := range w.owned {
		p := partitionOf{id.Changelog, id.Partition}
		if lap := o.task.Meta().Lap; id.Changelog != "" && lap > w.log.starts[p] {
			w.log.starts[p] = lap
			cut++
		}
	}
	return cut
}

// Bytes returns the size of the values that a partition holds: of committed transactions, not deleted.
func (l *Log) Bytes(topic string, partition int32) int {
	total := 0
	records, _ := l.Read(topic, partition, l.starts[partitionOf{topic, partition}], 1<<30)
	for _, r := range records {
		total += len(r.Value)
	}
	return total
}

// reach empties a store that a shortened changelog does not reach back to, and has it begin where the log does.
func (l *Log) reach(s state.Store, topic string, partition int32) error {
	start := l.starts[partitionOf{topic, partition}]
	if s.Position().Offset >= start {
		return nil
	}
	var empty state.Changes
	if err := empty.DeleteRange(nil, nil); err != nil {
		return err
	}
	return s.Apply(&empty, state.Position{Offset: start})
}
