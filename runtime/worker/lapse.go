package worker

import (
	"time"

	"github.com/millrace/millrace/runtime/control"
)

// lapse is what the worker's loop did between two looks at a task.
type lapse struct {
	whole time.Duration
	// waited is what of it the loop waited for brokers: to take what was written, and to end a commit.
	waited time.Duration
}

// spending is how a task's time goes. The parts make up the time since it is here.
type spending struct{ busy, backpressure, idle, held time.Duration }

// spend divides a lapse up for a task. Busy is what the loop spent of it on this task; the rest is held time where the task took no
// input, backpressure where the loop waited though the task had input at hand, and else idle: nothing was there to read, or the
// loop was at other tasks.
func (s *spending) spend(l lapse, busy time.Duration, held, behind bool) {
	s.busy += busy
	rest := max(0, l.whole-busy)
	switch {
	case held:
		s.held += rest
	case behind:
		waited := min(l.waited, rest)
		s.backpressure += waited
		s.idle += rest - waited
	default:
		s.idle += rest
	}
}

// lapse returns what the loop did since a task was looked at. A task that is new has not seen all of what the loop waited.
func (w *watch) lapse(since, now time.Time, waitedBefore time.Duration) lapse {
	whole := max(0, now.Sub(since))
	return lapse{whole: whole, waited: max(0, min(w.waited()-waitedBefore, whole))}
}

// waited is how long the loop has waited for brokers.
func (w *watch) waited() time.Duration { return w.backpressure + w.commit - w.sealed }

// account divides up a task's time since it was looked at last. The caller has the turn.
func (s *session) account(t *running, now time.Time) {
	t.spent.spend(s.watch.lapse(t.seenAt, now, t.seenWaited), t.worked, t.waits != control.WaitsForNothing, t.behind)
	t.seenAt, t.seenWaited, t.worked = now, s.watch.waited(), 0
}

// work counts what the loop has spent on a task from begin on, and returns when that ended.
func (r *running) work(begin time.Time) time.Time {
	ended := time.Now()
	r.worked += ended.Sub(begin)
	return ended
}

// busy is how long the loop was at the task, since it is here.
func (r *running) busy() time.Duration { return r.spent.busy + r.worked }
