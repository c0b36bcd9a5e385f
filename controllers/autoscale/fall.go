package autoscale

import (
	"fmt"
	"time"
)

// falls decides about fewer workers.
func (p *pass) falls() {
	if !p.closed {
		p.d.say(AbleToScale, true, ReadyToScale, "the number of workers can be changed")
	}
	l := p.long
	if l == nil {
		p.d.stay(WindowFilling, fmt.Sprintf("less than %v was measured since the workers are there: their number stays", Window))
		return
	}
	need := ask(&p.Policy, l, p.d.History.settling())
	needed, message := 0, fmt.Sprintf("nothing arrives, and %d workers wait", l.workers)
	cut := l.cut(&p.Policy, need.target)
	if need.stage != nil {
		needed, message = whole(need.target*(1+tolerance)), p.tell(l, need)
	}
	p.limits(l, cut, needed, message)
	behind, _ := l.behind()
	enough := min(max(needed, p.Policy.Min), p.Wanted)
	if behind > p.Policy.LagObjective || cut.hot != nil {
		enough = p.Wanted
	}
	p.d.Recommended = enough
	most, known := p.m.note(p.Now, enough, p.Policy.ScaleDownDelay)
	switch {
	case enough == p.Wanted:
		p.d.stay(Steady, message)
	case !known || most >= p.Wanted:
		p.d.stay(ScaleDownDelayed, fmt.Sprintf("%s: %d would be enough, and workers go when that was so for %v", message, enough, p.Policy.ScaleDownDelay.Round(time.Second)))
	default:
		to := max(most, (p.Wanted+half-1)/half)
		p.d.move(to, LoadFell, fmt.Sprintf("%s: %d were enough for %v", message, to, p.Policy.ScaleDownDelay.Round(time.Second)))
		p.d.Recommended = enough
	}
}
