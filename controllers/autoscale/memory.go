package autoscale

import (
	"slices"
	"time"
)

// Memory is what was seen of one epoch of a job lately. It is lost with the process, and fills again: until then there is no action. The zero
// value has seen nothing. It is not safe for concurrent use.
type Memory struct {
	samples []Sample // complete, oldest first, some more than a Window
	// missing is why the last sample was not complete; empty when it was.
	missing string
	asked   time.Time // of the last sample, complete or not
	// needs are recommendations without those that a later one outbids: the first is the largest of the time since covered.
	needs   []need
	covered time.Time
	idle    time.Time // since when nothing has arrived; zero while something does
	lacking time.Time // since when fewer or more workers are ready than are wanted; zero while that is not so
}

// need is a recommendation.
type need struct {
	at      time.Time
	workers int
}

// Add takes a sample. One that lacks a worker, or a task that the one before had, is only noted.
func (m *Memory) Add(s Sample) {
	m.asked, m.missing = s.At, ""
	if s.Ready == s.Wanted {
		m.lacking = time.Time{}
	} else if m.lacking.IsZero() {
		m.lacking = s.At
	}
	switch last := m.last(); {
	case len(s.Silent) > 0:
		m.missing = list(s.Silent) + " did not answer"
		if s.Why != "" {
			m.missing += " (" + s.Why + ")"
		}
	case s.Ready == 0 || len(s.Workers) == 0:
		m.missing = "no worker is ready"
	case last != nil && s.tasks() < last.tasks():
		m.missing = "tasks are on their way from one worker to another"
	}
	if m.missing != "" {
		return
	}
	if last := m.last(); last != nil && s.At.Sub(last.At) > Stale {
		m.forget()
	}
	m.samples = append(m.samples, s)
	for len(m.samples) > 2 && s.At.Sub(m.samples[1].At) >= Window {
		m.samples = slices.Delete(m.samples, 0, 1)
	}
	m.rest()
}

// forget begins anew after a gap.
func (m *Memory) forget() {
	m.samples, m.needs, m.covered, m.idle = nil, nil, time.Time{}, time.Time{}
}

// rest notes since when nothing arrives.
func (m *Memory) rest() {
	n := len(m.samples)
	if n < 2 {
		return
	}
	l := measure(m.samples[n-2:])
	switch {
	case l.rows() > 0 || l.lag() > 0:
		m.idle = time.Time{}
	case m.idle.IsZero():
		m.idle = m.samples[n-2].At
	}
}

func (m *Memory) last() *Sample {
	if len(m.samples) == 0 {
		return nil
	}
	return &m.samples[len(m.samples)-1]
}

// since returns the samples of the last while, but none before a moment; nil where they do not cover it.
func (m *Memory) since(while time.Duration, begin time.Time) []Sample {
	last := m.last()
	if last == nil {
		return nil
	}
	for i, s := range slices.Backward(m.samples) {
		at := s.At
		if at.Before(begin) {
			return nil
		}
		if last.At.Sub(at) >= while-slack {
			return m.samples[i:]
		}
	}
	return nil
}

// slack is what polls that are spread in time may lack of a window.
const slack = 3 * time.Second

// note takes a recommendation, and returns the largest of the last delay, and whether it is known that long.
func (m *Memory) note(now time.Time, workers int, delay time.Duration) (most int, known bool) {
	if m.covered.IsZero() {
		m.covered = now
	}
	for len(m.needs) > 0 && m.needs[len(m.needs)-1].workers <= workers {
		m.needs = m.needs[:len(m.needs)-1]
	}
	m.needs = append(m.needs, need{now, workers})
	for len(m.needs) > 1 && now.Sub(m.needs[0].at) > delay {
		m.needs = slices.Delete(m.needs, 0, 1)
	}
	return m.needs[0].workers, now.Sub(m.covered) >= delay
}
