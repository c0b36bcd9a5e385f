package worker

import (
	"context"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/state"
)

const (
	// DefaultLapLeastBytes is what a changelog may have besides twice the state before it is rewritten: a replay of some seconds.
	DefaultLapLeastBytes = 64 << 20

	// cutAgain is the pause after a changelog could not be shortened.
	cutAgain = 10 * time.Second
)

// cutting is a changelog that is being shortened, on a goroutine of its own, which never waits for the turn.
type cutting struct {
	of     *running
	before int64
	cancel context.CancelFunc
	done   chan struct{} // closed when err is set
	err    error
}

// cutLogs deletes what lies before the last complete lap of a task: one task at a time, and once its local store has on its
// disk what the log loses. A worker that has lost the task without knowing does no harm, since the lap is committed. The caller has the turn.
func (s *session) cutLogs(hard context.Context, now time.Time) {
	if s.cfg.Laps.LeastBytes <= 0 {
		return
	}
	if s.cutting != nil {
		select {
		case <-s.cutting.done:
			s.wasCut(now)
		default:
			return
		}
	}
	for _, t := range s.tasks {
		lap := t.Meta().Lap
		if t.store == nil || lap <= t.cut || now.Before(t.cutAt) {
			continue
		}
		ctx, cancel := context.WithCancel(hard)
		c := &cutting{of: t, before: lap, cancel: cancel, done: make(chan struct{})}
		s.cutting = c
		go func(log kafka.Partition) {
			defer close(c.done)
			c.err = s.shorten(ctx, log, c.before)
		}(t.changelog)
		return
	}
}

// wasCut takes note of a shortening whose goroutine has ended.
func (s *session) wasCut(now time.Time) {
	c := s.cutting
	s.cutting = nil
	c.cancel()
	if c.err != nil {
		c.of.cutAt = now.Add(cutAgain)
		s.log.Warn("a changelog was not shortened behind its lap", "task", c.of.ID(), "before", c.before, "cause", c.err)
		return
	}
	c.of.cut = c.before
	s.log.Info("a changelog was shortened behind its lap", "task", c.of.ID(), "before", c.before)
}

// stopCutting ends the shortening for a task that leaves, and waits for it.
func (s *session) stopCutting(t *running) {
	if s.cutting == nil || s.cutting.of != t {
		return
	}
	s.cutting.cancel()
	<-s.cutting.done
	s.wasCut(time.Now())
}

// fillFromLap empties a store that its changelog does not reach back to. What is left of the log begins at a complete lap or
// before, and makes the whole state.
func (s *session) fillFromLap(o *opening, l extent) error {
	var empty state.Changes
	if err := empty.DeleteRange(nil, nil); err != nil {
		return err
	}
	if err := o.store.Apply(&empty, state.Position{Offset: l.start}); err != nil {
		return err
	}
	s.log.Info("filled from a lap of the changelog", "task", o.task, "start", l.start, "lap", o.meta.Lap, "end", l.end)
	return nil
}
