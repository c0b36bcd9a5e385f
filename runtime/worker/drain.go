package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// A job that is drained ends as a bounded one does, at an end that each source finds for itself: where it stands when it hears of
// it. With the end its watermark is the last one, which goes on through the exchanges; so every window fires, stage by stage, in
// ordinary commits. A commit that does not land takes the end back with all else, and the source, or whoever opens it next, ends
// where it is put.
//
// That a source has ended is in the watermark of its offset. So it stays ended in a worker that has not heard of the drain
// yet, and the coordinator sees by the offsets when all tasks have.

// drainSays is how often it is said how far the tasks are, at most.
const drainSays = time.Second

// endSources ends the sources that are here where they stand. One that has been cut for a savepoint, or still takes over its
// state, ends when that is over. The caller has the turn.
func (s *session) endSources(o orders) error {
	if !o.ending {
		return nil
	}
	for _, t := range s.tasks {
		if !t.source || t.Finished() || t.Held() || t.Importing() {
			continue
		}
		if err := t.SetEnd(t.Position()); err != nil {
			return err
		}
	}
	if o.end.Over && s.board.phaseNow() == control.Running {
		s.board.phase(control.Finished)
	}
	return nil
}

// endsAt returns the end of a source that is opened, where it has one by then: the job is drained, or that was committed before we
// have heard of it. Of a bounded input the ends are known otherwise.
func endsAt(m task.Meta, o orders) (offset int64, ends bool) {
	ended := m.Seq > 0 && m.Watermark == types.EndOfInput
	return m.Offset, ended || o.ending
}

// ending is what the coordinator has said of a drain.
type ending struct {
	said    time.Time
	counted endings
}

// endings counts tasks that have come to their ends.
type endings struct{ tasks, ended int }

func (e endings) String() string { return fmt.Sprintf("%d of %d tasks have ended", e.ended, e.tasks) }

// further says how far the tasks are with the end of the job.
func (e *ending) further(ctx context.Context, s *session, end command.End, now time.Time) error {
	all, err := s.committedMetas(ctx)
	if err != nil {
		return err
	}
	counted := countEnds(all)
	r := command.Record{Kind: command.Draining, ID: end.ID, Tasks: counted.tasks, Ended: counted.ended}
	switch {
	case counted.ended == counted.tasks && counted.tasks > 0:
		r.Kind = command.Drained
	case counted == e.counted, now.Sub(e.said) < drainSays:
		return nil
	}
	if err := s.tell(ctx, r); err != nil {
		return err
	}
	s.log.Info("the job ends", "id", end.ID, "progress", counted)
	e.said, e.counted = now, counted
	return nil
}

// countEnds counts the tasks that have committed that they are at their ends.
func countEnds(all map[kafka.Partition]task.Meta) (e endings) {
	for _, m := range all {
		e.tasks++
		if m.Seq > 0 && m.Watermark == types.EndOfInput {
			e.ended++
		}
	}
	return e
}
