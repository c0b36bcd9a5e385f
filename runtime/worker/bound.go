package worker

import (
	"context"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

// growing says that a bounded input is not complete yet, so that nobody knows its ends. A partition that is silent then
// waits for the one who fills it; it is as little idle as one with a backlog.
func (s *session) growing() bool {
	return s.cfg.Bounded && s.cfg.Ends == nil && s.cfg.InputComplete != nil && s.ends == nil
}

// boundary returns the end of a bounded input, where it is known: the one that all workers were given, else the one that the partition
// had when this worker first saw it or, where somebody still fills it, the one that settle has found.
func (s *session) boundary(p kafka.Partition, end int64) (offset int64, known bool) {
	if s.cfg.Ends != nil {
		return s.cfg.Ends[p], true // 0, of a partition that is not in the range, is nowhere behind where the source stands
	}
	if !s.cfg.Bounded || s.growing() {
		return 0, false
	}
	if s.ends == nil {
		s.ends = map[kafka.Partition]int64{}
	}
	if found, ok := s.ends[p]; ok {
		return found, true
	}
	s.ends[p] = end
	return end, true
}

// settle asks for the ends of the input once it is complete, and gives them to the tasks that run. Workers of one job ask
// each for itself and get the same: nobody writes any more. The caller has the turn.
func (s *session) settle(hard context.Context) error {
	if !s.growing() {
		return nil
	}
	select {
	case <-s.cfg.InputComplete:
	default:
		return nil
	}
	ctx, cancel := context.WithTimeout(hard, shortRequest)
	defer cancel()
	ends, err := s.admin.Ends(ctx, s.cfg.Plan.SourceTopics()...)
	if err != nil {
		return err
	}
	s.ends = ends
	for p, t := range s.tasks {
		if !t.source || t.split != nil || t.Finished() { // the last: the job was drained meanwhile
			continue
		}
		t.end = max(t.end, ends[p])
		if err := t.SetEnd(s.within(p, ends[p])); err != nil {
			return err
		}
	}
	return nil
}
