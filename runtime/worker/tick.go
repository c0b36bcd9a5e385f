package worker

import (
	"context"
	"slices"
	"time"
)

// endPatience bounds the question where a silent partition ends. Without an answer nobody knows that it is idle.
const endPatience = 500 * time.Millisecond

// tick shows the tasks the clock. A partition is idle when it is silent and holds nothing that was not read. Of that the
// silence is no proof: a broker that is away is silent too, and what it holds would be late when it is back. So the end
// is asked for at the moment when it counts. The caller has the turn.
func (s *session) tick(hard context.Context, now time.Time) error {
	s.ticked = now
	sure := !s.growing() && s.sure(hard, now)
	for _, t := range s.tasks {
		if err := t.Tick(now, t.Position() >= t.end && (sure || !t.IdleDue(now))); err != nil {
			return err
		}
		if t.Behind() && s.heavy() {
			return nil // windows of many rows are being written, and the others' turn comes behind the commit
		}
	}
	return nil
}

// sure makes the ends of partitions that are about to be idle new, and says whether that went well.
func (s *session) sure(hard context.Context, now time.Time) bool {
	var topics []string
	for p, t := range s.tasks {
		if t.Position() >= t.end && t.IdleDue(now) && !slices.Contains(topics, p.Topic) {
			topics = append(topics, p.Topic)
		}
	}
	if len(topics) == 0 {
		return true
	}
	if err := s.askEnds(hard, topics); err != nil {
		s.log.Warn("a silent partition is not taken for idle, its end is unknown", "topics", topics, "cause", err)
		return false
	}
	return true
}
