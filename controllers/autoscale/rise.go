package autoscale

import (
	"fmt"
	"time"
)

// rises decides about more workers, and says whether that settles the decision.
func (p *pass) rises() bool {
	l, reason, need := p.ask()
	if l == nil {
		return false
	}
	if reason == LoadRose && p.rising() {
		p.d.stay(LoadRising, p.tell(l, need)+": it rises still, and is looked at once more")
		return true
	}
	cut := l.cut(&p.Policy, need.target)
	to := min(cut.workers, p.Policy.Max)
	p.d.Recommended = max(p.Wanted, to)
	message := p.tell(l, need)
	if !p.mayRise(l, cut, message) {
		return true
	}
	p.limits(l, cut, whole(need.target), message)
	switch {
	case to > p.Wanted:
		p.d.move(to, reason, message)
	case cut.why != "" && cut.workers <= p.Wanted:
		p.d.stay(cut.why, message+": "+p.excuse(l, cut))
	default:
		p.d.stay(LimitedByMaximum, message+fmt.Sprintf(": spec.autoscaling.maxWorkers is %d", p.Policy.Max))
	}
	p.m.note(p.Now, p.d.Recommended, p.Policy.ScaleDownDelay)
	return true
}

// ask returns the load that needs more workers, and why; no load where none does. What a rise has brought is seen after a Window, so none
// comes before.
func (p *pass) ask() (*load, Reason, demand) {
	settling, now := p.d.History.settling(), ask(&p.Policy, p.short, p.d.History.settling())
	last := p.d.History.Last()
	if p.long == nil && last != nil && last.To > last.From {
		return nil, "", demand{}
	}
	if behind, grows := p.short.behind(); behind > p.Policy.LagObjective && grows && now.threshold > float64(p.Wanted) {
		return p.short, LagGrew, now
	}
	if p.long == nil {
		return nil, "", demand{}
	}
	need := ask(&p.Policy, p.long, settling)
	switch {
	case need.threshold <= float64(p.Wanted)*(1+tolerance):
		return nil, "", demand{}
	case now.target > need.target:
		return p.short, LoadRose, now
	default:
		return p.long, LoadRose, need
	}
}

// rising says whether what arrives is still clearly more than over the ShortWindow: then the need is not known yet.
func (p *pass) rising() bool {
	n := len(p.m.samples)
	return n >= 2 && measure(p.m.samples[n-2:]).input() > p.short.input()*doubt
}

// mayRise says whether more workers would be of any use, and may be asked for.
func (p *pass) mayRise(l *load, cut limit, message string) bool {
	blockedShare := l.blocked / float64(max(1, l.workers))
	switch {
	case p.closed:
		p.d.stay(WorkersNotReady, message+": but those that were asked for are not ready")
		return false
	case blockedShare >= blocked:
		p.d.stay(Backpressure, fmt.Sprintf("%s: but workers wait for brokers for %.0f %% of their time, and more would only wait, too", message, percent*blockedShare))
		p.d.say(ScalingLimited, true, Backpressure, p.d.Message)
		return false
	case l.busiest < waiting && cut.hot == nil:
		p.d.stay(WorkersIdle, fmt.Sprintf("%s: but the busiest worker is in use for %.0f %% of its time. Its tasks wait for something else: see waits in its status", message, percent*l.busiest))
		p.d.say(ScalingLimited, true, WorkersIdle, p.d.Message)
		return false
	}
	return p.effective(l, message)
}

// effective says whether the workers that came last brought something, or long enough ago to try once more.
func (p *pass) effective(l *load, message string) bool {
	last := p.d.History.Last()
	if last != nil && last.To > last.From && last.From > 0 && last.Settled > 0 && !last.Ineffective && last.Rows > 0 {
		expected := last.Rows*float64(last.To)/float64(last.From) - last.Rows
		if l.rows()-last.Rows < gainExpected*expected {
			p.d.History = p.d.History.ineffective()
		}
	}
	until := p.d.History.held()
	if !p.Now.Before(until) {
		if !p.closed {
			p.d.say(AbleToScale, true, ReadyToScale, "the number of workers can be changed")
		}
		return true
	}
	last = p.d.History.Last()
	p.d.stay(Ineffective, fmt.Sprintf("%s: but the rise from %d to %d workers at %s brought nothing, %.0f rows/s before it and %.0f rows/s now. Find what holds the job up; the next try is at %s",
		message, last.From, last.To, last.At.UTC().Format(time.RFC3339), last.Rows, l.rows(), until.UTC().Format(time.RFC3339)))
	p.d.say(AbleToScale, false, Ineffective, p.d.Message)
	return false
}

const percent = 100

// tell writes the numbers of a need.
func (p *pass) tell(l *load, need demand) string {
	how := "by time in use"
	if need.observed {
		how = "as seen under backlog"
	}
	behind, _ := l.behind()
	return fmt.Sprintf("%.0f rows/s arrive, %d workers read %.0f rows/s and are in use for %.0f %% of their time, %.0f records wait for %v: stage %s needs %.1f workers, of %.0f rows/s each %s",
		l.input(), l.workers, l.rows(), percent*l.used/float64(max(1, l.workers)), l.lag(), behind.Round(time.Second), need.stage.name, need.target, need.capacity, how)
}

// excuse says why more workers would be no help.
func (p *pass) excuse(l *load, cut limit) string {
	if cut.why == Skewed {
		return hot(cut)
	}
	most := 0
	for i := range l.stages {
		most = max(most, len(l.stages[i].tasks))
	}
	return fmt.Sprintf("with at most %d partitions a stage the job can use %d workers; add partitions to its inputs for more", most, cut.workers)
}

func hot(cut limit) string {
	return fmt.Sprintf("task %s has %.0f %% of its stage's work and fills a worker alone, and no further worker helps it; spread its keys, or its input", cut.hot.name(), percent*cut.share)
}

// limits writes the conditions about what there can't be.
func (p *pass) limits(l *load, cut limit, needed int, message string) {
	stuck := l.stuckTasks()
	switch {
	case cut.why != "" && cut.workers <= p.Policy.Max:
		p.d.say(ScalingLimited, true, cut.why, message+": "+p.excuse(l, cut))
	case needed > p.Policy.Max:
		p.d.say(ScalingLimited, true, LimitedByMaximum, fmt.Sprintf("%s: spec.autoscaling.maxWorkers is %d", message, p.Policy.Max))
	case len(stuck) > 0:
		p.d.say(ScalingLimited, true, PartitionStuck, "tasks have input and do nothing, which is not counted as need: "+list(stuck))
	case needed < p.Policy.Min:
		p.d.say(ScalingLimited, true, LimitedByMinimum, fmt.Sprintf("%s: spec.autoscaling.minWorkers is %d", message, p.Policy.Min))
	default:
		p.d.say(ScalingLimited, false, WithinBounds, "the number of workers that is needed is one that there can be")
	}
	if cut.hot != nil {
		p.d.say(SkewDetected, true, Skewed, hot(cut))
	} else {
		p.d.say(SkewDetected, false, EvenLoad, "no task is more than a worker can do while others of its stage are not")
	}
}
