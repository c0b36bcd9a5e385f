package autoscale

import (
	"fmt"
	"time"
)

// Input is what a decision depends on besides what was seen.
type Input struct {
	// Now is the time of the decision.
	Now time.Time
	// Policy is what the user wants.
	Policy Policy
	// Wanted is the number of workers that are asked for now; it is above 0.
	Wanted int
	// History is what was decided before.
	History History
}

// pass is one decision in the making.
type pass struct {
	Input
	m *Memory
	d Decision
	// short is the load of a ShortWindow, long that of a Window or else nil.
	short, long *load
	// closed is set where workers are missing for so long that no further ones are asked for.
	closed bool
}

// Decide says how many workers the job should have. It notes its own recommendation in the memory: who acts on the decision calls Applied.
func (m *Memory) Decide(in Input) Decision {
	p := &pass{Input: in, m: m, d: Decision{Workers: in.Wanted, Recommended: in.Wanted, History: in.History}}
	if bound := min(max(in.Wanted, in.Policy.Min), in.Policy.Max); bound != in.Wanted {
		p.d.move(bound, OutOfBounds, fmt.Sprintf("%d workers are not between %d and %d", in.Wanted, in.Policy.Min, in.Policy.Max))
		return p.d
	}
	if p.sees() && p.settled() && p.measured() && !p.zero() && !p.rises() {
		p.falls()
	}
	return p.d
}

// Applied says that the number of workers was changed: for how long fewer were enough is counted anew.
func (m *Memory) Applied() { m.needs, m.covered = nil, time.Time{} }

// sees says whether there is something to decide by.
func (p *pass) sees() bool {
	reason, message := Reason(""), ""
	switch last := p.m.last(); {
	case p.m.asked.IsZero():
		reason, message = WindowFilling, "nothing was measured yet"
	case p.m.missing != "":
		reason, message = MetricsMissing, p.m.missing
	case p.Now.Sub(last.At) > Stale:
		reason, message = MetricsStale, fmt.Sprintf("the last complete measurement is %v old", p.Now.Sub(last.At).Round(time.Second))
	default:
		return true
	}
	p.d.stay(reason, message+": the number of workers stays")
	p.d.say(ScalingActive, false, reason, p.d.Message)
	return false
}

// settled says whether the workers that were asked for are there, or were waited for long enough.
func (p *pass) settled() bool {
	last := p.m.last()
	p.d.History = p.d.History.settle(last)
	if last.Ready == p.Wanted && last.Wanted == p.Wanted {
		return true
	}
	since := p.m.lacking
	if r := p.History.Last(); r != nil && r.To == p.Wanted && r.At.After(since) {
		since = r.At
	}
	waited := p.Now.Sub(since).Round(time.Second)
	if last.Wanted != p.Wanted || p.m.lacking.IsZero() || waited < Stuck {
		p.d.stay(Rescaling, fmt.Sprintf("%d of %d workers are ready", last.Ready, p.Wanted))
		p.d.say(AbleToScale, false, Rescaling, p.d.Message)
		return false
	}
	p.closed = true
	p.d.say(AbleToScale, false, WorkersNotReady, fmt.Sprintf(
		"%d of %d workers are not ready after %v: no further ones are asked for until they are. See why in the events of the pods", p.Wanted-last.Ready, p.Wanted, waited))
	return true
}

// measured takes the rates, of samples since the workers are what they are.
func (p *pass) measured() bool {
	begin := time.Time{}
	if r := p.d.History.Last(); r != nil {
		begin = r.At.Add(r.Settled)
	}
	short := p.m.since(ShortWindow, begin)
	if short == nil {
		p.d.stay(WindowFilling, fmt.Sprintf("less than %v was measured since the workers are there: their number stays", ShortWindow))
		p.d.say(ScalingActive, false, WindowFilling, p.d.Message)
		return false
	}
	p.short = measure(short)
	if long := p.m.since(Window, begin); long != nil {
		p.long = measure(long)
	}
	p.d.Rows, p.d.Arriving = p.short.rows(), p.short.input()
	if stuck := p.short.stuckTasks(); len(stuck) > 0 && p.d.Rows == 0 {
		p.d.stay(NoProgress, "tasks have input and do nothing, which more workers do not change: "+list(stuck))
		p.d.say(ScalingActive, false, NoProgress, p.d.Message)
		return false
	}
	p.d.say(ScalingActive, true, MetricsComplete, "all workers answer")
	return true
}

// zero says whether the job goes to rest.
func (p *pass) zero() bool {
	idle := p.m.idle
	if p.Policy.ZeroAfter <= 0 || idle.IsZero() || p.Now.Sub(idle) < p.Policy.ZeroAfter {
		return false
	}
	p.d.move(0, NoInput, fmt.Sprintf("nothing has arrived for %v, and nothing waits", p.Now.Sub(idle).Round(time.Second)))
	return true
}

// Rested is a job without workers.
type Rested struct {
	// Since is when its workers were taken away.
	Since time.Time
	// Lag is how many records of its sources wait, and Known says that this was asked just now.
	Lag   int64
	Known bool
	// Before is the number of workers that it had before.
	Before int
	// Kept says that the job goes on from a savepoint, whatever the brokers still know of it.
	Kept bool
}

// Wake decides about a job without workers.
func Wake(now time.Time, policy *Policy, r Rested) Decision {
	d := Decision{Reason: AtZero, Message: fmt.Sprintf("no workers since %s: nothing arrives", r.Since.UTC().Format(time.RFC3339))}
	to := min(max(1, policy.Min, r.Before), policy.Max)
	switch {
	case policy.ZeroAfter <= 0:
		d.move(to, OutOfBounds, "the job is not to be without workers any more")
	case r.Known && r.Lag > 0:
		d.move(to, InputArrived, fmt.Sprintf("%d records wait", r.Lag))
	case !r.Kept && now.Sub(r.Since) >= WakeAfter:
		d.move(to, OffsetsAging, fmt.Sprintf("without workers for %v: the job shows itself to the brokers, which else forget its offsets", WakeAfter))
	}
	return d
}
