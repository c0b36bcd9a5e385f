package worker

import (
	"time"

	"github.com/millrace/millrace/runtime/balance"
)

const (
	// loadEvery is how often the load of tasks is measured, and loadKept how much of what was before stays in it: one part in so many.
	loadEvery = 10 * time.Second
	loadKept  = 2

	// weighFirst is when a session may first have the group look at its loads, and weighEvery how often: a rebalance is not for nothing.
	weighFirst = time.Minute
	weighEvery = 5 * time.Minute
)

// load is how busy a task is.
type load struct {
	at   time.Time     // of the last look; the zero value is none
	busy time.Duration // of the task, then
	mean float64       // of a processor, smoothed
	step uint8         // in steps of package balance; 0 is not known
}

// known begins with a load that others have measured, 0 for none.
func (l *load) known(step uint8) {
	if step > 0 {
		l.step, l.mean = step, balance.Busy(step)
	}
}

// look takes the time that the task has been busy since it began.
func (l *load) look(busy time.Duration, now time.Time) {
	if took := now.Sub(l.at); !l.at.IsZero() && took > 0 {
		part := (busy - l.busy).Seconds() / took.Seconds()
		if l.step > 0 {
			part += (l.mean - part) / loadKept
		}
		l.mean, l.step = part, balance.StepOf(part, l.step)
	}
	l.at, l.busy = now, busy
}

// weigh keeps up to date what the group is told of our tasks when it rebalances next, and has it do so when the tasks' load has become another. The
// caller has the turn.
func (s *session) weigh(now time.Time) {
	measured := now.Sub(s.weighed) >= loadEvery
	if measured {
		if s.weighed.IsZero() {
			s.weighAt = now.Add(weighFirst)
		}
		s.weighed = now
		for _, t := range s.tasks {
			t.load.look(t.busy(), now)
		}
	}
	s.words.own(s.tasks)
	if measured && !now.Before(s.weighAt) && s.words.differ() {
		s.weighAt = now.Add(weighEvery)
		s.log.Info("the load of the tasks has changed; the group looks again at who has what")
		s.member.Rejoin()
	}
}
