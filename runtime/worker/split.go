package worker

import (
	"maps"
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/connector/kafka"
)

// split makes the records of a task. It remembers no position: the task does.
type split interface {
	// Read returns records from an offset on, as far as they are due, and the offset to go on at.
	Read(from int64, now time.Time) (records []connector.Record, next int64)
	// End returns the offset after the last record, if there is one.
	End() (offset int64, ends bool)
}

// limit gives a source task what makes its records, if that is not Kafka, and returns the end of its input where it has
// one that is known.
func (s *session) limit(t *running, o *opening) (end int64, known bool, err error) {
	if !t.source {
		return 0, false, nil
	}
	made, err := s.builder.Split(o.stage, o.at.Number)
	if err != nil {
		return 0, false, err
	}
	if made == nil {
		if end, known = s.boundary(o.at, o.end); s.cfg.Ends != nil {
			end = max(end, o.meta.Offset) // what lies behind the end was deleted, or is not in the range
			t.limit = &end
		}
		end, known = s.bounds(o.at, o.meta.Offset, end, known)
		return end, known, nil
	}
	t.split = made
	end, known = made.End()
	if end, known = s.bounds(o.at, o.meta.Offset, end, known); known {
		t.end = end
	}
	return end, known, nil
}

// makeRecords gives the tasks whose records are made what is due. The caller has the turn.
func (s *session) makeRecords(now time.Time) error {
	s.making = false
	for _, p := range slices.SortedFunc(maps.Keys(s.tasks), kafka.Partition.Compare) {
		t := s.tasks[p]
		if t.split == nil || t.mustSeek || t.shut() || t.Finished() {
			continue
		}
		from := t.Position()
		records, next := t.split.Read(from, now)
		if next == from {
			continue
		}
		s.making = true
		if len(records) > 0 {
			begin := time.Now()
			s.fetches.add(begin)
			t.open.made(records)
			s.pulse.begins(begin)
			err := t.Process(records)
			s.pulse.ends()
			if err != nil {
				return err
			}
			t.work(begin)
		}
		if err := t.SetPosition(next); err != nil {
			return err
		}
	}
	return nil
}

// patience is how long a poll may wait for records of Kafka: not at all while others are made.
func (s *session) patience() time.Duration {
	if s.making {
		return 0
	}
	return pollTimeout
}
