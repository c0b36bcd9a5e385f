package autoscale

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// demand is what a job needs by its load, in workers, before it is cut to whole ones.
type demand struct {
	// threshold leaves the settling time out; target has it in.
	threshold, target float64
	// stage is the one that asks for most, and observed says that its capacity is by what was seen under a backlog.
	stage    *stage
	capacity float64
	observed bool
}

// ask applies the formulas of the package's story. Stage is nil where nothing asks for anything.
func ask(p *Policy, l *load, settling time.Duration) demand {
	var d demand
	draining := 1.0 // the part of what sources read that arrives: what they make up for reaches the stages behind them, too, and will not last
	if read := l.rows(); read > 0 {
		draining = min(1, l.input()/read)
	}
	for i := range l.stages {
		s := &l.stages[i]
		if s.rows == 0 || l.used == 0 {
			continue
		}
		capacity, observed := l.capacity(s)
		input := s.input()
		if !s.source {
			input *= draining
		}
		base := input / p.Target
		again := 0.0
		if p.CatchUp > 0 {
			base += s.lag / p.CatchUp.Seconds()
			again = input * settling.Seconds() / p.CatchUp.Seconds()
		}
		if target := (base + again) / capacity; d.stage == nil || target > d.target {
			d = demand{threshold: base / capacity, target: target, stage: s, capacity: capacity, observed: observed}
		}
	}
	return d
}

// capacity is how many rows of a stage a worker takes in a second of use.
func (l *load) capacity(s *stage) (rows float64, observed bool) {
	rows = s.rows / l.used
	backlog := s.lag >= s.input()*backlogged.Seconds() && s.lag > 0
	free := float64(l.workers) - l.blocked
	if !backlog || free <= 0 || l.used < inUse*free {
		return rows, false
	}
	if seen := s.rows / free; rows > seen*doubt {
		return seen, true
	}
	return rows, false
}

// whole rounds a need up, but for what is too little to be a worker.
func whole(need float64) int {
	const dust = 1e-6
	return int(math.Ceil(min(need, math.MaxInt32) - dust))
}

// limit says how many workers a job can use.
type limit struct {
	workers int
	// why is empty where the need is below.
	why Reason
	// hot is the task that no further worker helps; nil where there is none.
	hot   *task
	share float64 // of its stage's time
}

// cut finds how many workers the load can use of those that are needed: a stage as many as it has partitions, a task one.
func (l *load) cut(p *Policy, need float64) limit {
	busy, useful := 0.0, 0.0
	for i := range l.stages {
		busy += l.stages[i].busy
	}
	if busy == 0 {
		return limit{workers: whole(need)}
	}
	for i := range l.stages {
		s := &l.stages[i]
		useful += min(float64(len(s.tasks)), need*s.busy/busy)
	}
	c := limit{workers: whole(useful)}
	if c.workers < whole(need) {
		c.why = LimitedByPartitions
	}
	hot, share := l.hottest(p)
	if hot == nil {
		return c
	}
	c.hot, c.share = hot, share
	sum := 0.0
	for i := range l.stages {
		for _, t := range l.stages[i].tasks {
			sum += min(1, t.need(p))
		}
	}
	if skewed := max(1, whole(sum*max(1, l.used/busy))); skewed < whole(need) && skewed <= c.workers {
		c.workers, c.why = skewed, Skewed
	}
	return c
}

// need is how many workers a task would need if it could have more than one.
func (t *task) need(p *Policy) float64 {
	if t.rows == 0 || t.stuck {
		return t.busy
	}
	wants := max(0, t.rows+t.growth) / p.Target
	if p.CatchUp > 0 {
		wants += t.lag / p.CatchUp.Seconds()
	}
	return t.busy / t.rows * wants
}

// hottest finds a task that needs more than a worker while the others of its stage are far from it, and its share of the stage's time.
func (l *load) hottest(p *Policy) (hot *task, share float64) {
	for i := range l.stages {
		s := &l.stages[i]
		for j := range s.tasks {
			t := &s.tasks[j]
			others := (s.busy - t.busy) / float64(max(1, len(s.tasks)-1))
			if len(s.tasks) > 1 && t.need(p) > 1 && t.busy >= skew*others && (hot == nil || t.busy > hot.busy) {
				hot, share = t, t.busy/s.busy
			}
		}
	}
	return hot, share
}

func (t *task) name() string { return fmt.Sprintf("%s/%d", t.stage, t.partition) }

// list writes names, and of many the first.
func list(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
