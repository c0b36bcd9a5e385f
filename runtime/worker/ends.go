package worker

import (
	"context"
	"slices"
	"time"
)

// endsOld is how old the end of a partition that a fetch saw may be, and how often the brokers are asked for ends at the most.
const endsOld = 2 * time.Second

// outlived says whether what a fetch saw of its partition's end is old by the time its records are done.
func outlived(fetched, done time.Time) bool { return done.Sub(fetched) >= endsOld }

// renew asks for the ends of partitions whose rows take long. A fetch of thousands of cheap rows is done in no time, and the end that it saw is the end; rows
// that cost a millisecond each keep the task at it for many seconds, in which thousands more come: by that fetch the task has no lag when it is done,
// however far behind it is, and who decides by the lag on the number of workers sees none. The caller has the turn.
func (s *session) renew(hard context.Context, now time.Time) {
	if now.Sub(s.renewed) < endsOld {
		return
	}
	var topics []string
	for p, t := range s.tasks {
		if t.slow && t.split == nil && !slices.Contains(topics, p.Topic) {
			topics = append(topics, p.Topic)
		}
	}
	if len(topics) == 0 {
		return
	}
	s.renewed = now
	if err := s.askEnds(hard, topics); err != nil {
		s.log.Debug("the lag of partitions is that of their last fetch", "topics", topics, "cause", err)
	}
}

// askEnds asks where partitions of topics end, and gives that to their tasks.
func (s *session) askEnds(hard context.Context, topics []string) error {
	ctx, cancel := context.WithTimeout(hard, endPatience)
	defer cancel()
	ends, err := s.admin.Ends(ctx, topics...)
	for p, end := range ends {
		if t := s.tasks[p]; t != nil {
			t.end = max(t.end, end)
		}
	}
	return err
}
