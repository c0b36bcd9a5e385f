package autoscale

import (
	"cmp"
	"slices"
	"time"
)

// load is what a job did between the first and the last of some samples, per second.
type load struct {
	seconds float64
	// used, commit time included, and blocked are sums over the workers, and busiest is the largest used of one.
	used, blocked, busiest float64
	workers                int
	stages                 []stage
}

type stage struct {
	name   string
	source bool
	tasks  []task
	// rows and busy are sums over the tasks; growth and lag leave out those that are stuck.
	rows, busy, growth, lag float64
}

type task struct {
	id
	source                  bool
	rows, busy, growth, lag float64
	stuck                   bool
}

// measure compares samples, of which there are at least two.
func measure(samples []Sample) *load {
	first, last := &samples[0], &samples[len(samples)-1]
	l := &load{seconds: last.At.Sub(first.At).Seconds(), workers: len(last.Workers)}
	tasks := map[id]*task{}
	used := map[string]float64{}
	for i := 1; i < len(samples); i++ {
		l.between(&samples[i-1], &samples[i], tasks, used)
	}
	for _, u := range used {
		l.busiest = max(l.busiest, u/l.seconds)
		l.used += u / l.seconds
	}
	l.blocked /= l.seconds
	before := lags(first)
	for key, lag := range lags(last) {
		t := tasks[key]
		t.rows, t.busy, t.lag = t.rows/l.seconds, t.busy/l.seconds, lag
		if was, ok := before[key]; ok {
			t.growth = (lag - was) / l.seconds
		}
		t.stuck = t.lag > 0 && t.rows == 0 && t.busy < leastBusy && t.growth >= 0
	}
	l.group(tasks)
	return l
}

// between adds what happened from one sample to the next. A counter that is lower than before, or that was not there, has begun at 0 since.
func (l *load) between(a, b *Sample, tasks map[id]*task, used map[string]float64) {
	before := map[string]*Worker{}
	for i := range a.Workers {
		before[a.Workers[i].Name] = &a.Workers[i]
	}
	for i := range b.Workers {
		w, was := &b.Workers[i], &Worker{}
		if known := before[w.Name]; known != nil {
			was = known
		}
		used[w.Name] += grown(was.Busy, w.Busy) + grown(was.Commit, w.Commit)
		l.blocked += grown(was.Backpressure, w.Backpressure)
		counted := map[id]*Task{}
		for j := range was.Tasks {
			counted[id{was.Tasks[j].Stage, was.Tasks[j].Partition}] = &was.Tasks[j]
		}
		for _, t := range w.Tasks {
			key := id{t.Stage, t.Partition}
			then := counted[key]
			if then == nil {
				then = &Task{}
			}
			sum := tasks[key]
			if sum == nil {
				sum = &task{id: key, source: t.Source}
				tasks[key] = sum
			}
			sum.rows += grown(then.Rows, t.Rows)
			sum.busy += grown(then.Busy, t.Busy)
		}
	}
}

func grown(before, now float64) float64 {
	if now < before {
		return now
	}
	return now - before
}

func lags(s *Sample) map[id]float64 {
	all := map[id]float64{}
	for i := range s.Workers {
		for _, t := range s.Workers[i].Tasks {
			all[id{t.Stage, t.Partition}] = float64(t.Lag)
		}
	}
	return all
}

// group sums tasks up by stage, in the order of their names.
func (l *load) group(tasks map[id]*task) {
	stages := map[string]*stage{}
	for _, t := range tasks {
		s := stages[t.stage]
		if s == nil {
			s = &stage{name: t.stage, source: t.source}
			stages[t.stage] = s
		}
		s.tasks = append(s.tasks, *t)
		s.rows += t.rows
		s.busy += t.busy
		if !t.stuck {
			s.growth += t.growth
			s.lag += t.lag
		}
	}
	for _, s := range stages {
		slices.SortFunc(s.tasks, func(a, b task) int { return cmp.Compare(a.partition, b.partition) })
		l.stages = append(l.stages, *s)
	}
	slices.SortFunc(l.stages, func(a, b stage) int { return cmp.Compare(a.name, b.name) })
}

// input is how many rows arrive for a stage.
func (s *stage) input() float64 { return max(0, s.rows+s.growth) }

// waits is how long the records of a stage wait at its rate.
func (s *stage) waits() time.Duration {
	rate := max(s.input(), s.rows)
	if s.lag == 0 || rate == 0 {
		return 0
	}
	const most = 1e6
	return time.Duration(min(most, s.lag/rate) * float64(time.Second))
}

// rows is what all sources read, lag what they have not read, and input what arrives for them.
func (l *load) rows() (sum float64) {
	for i := range l.stages {
		if l.stages[i].source {
			sum += l.stages[i].rows
		}
	}
	return sum
}

func (l *load) lag() (sum float64) {
	for i := range l.stages {
		if l.stages[i].source {
			for _, t := range l.stages[i].tasks {
				sum += t.lag
			}
		}
	}
	return sum
}

func (l *load) input() (sum float64) {
	for i := range l.stages {
		if l.stages[i].source {
			sum += l.stages[i].input()
		}
	}
	return sum
}

// behind is how long records of sources wait at the most, and whether that grows.
func (l *load) behind() (wait time.Duration, grows bool) {
	for i := range l.stages {
		s := &l.stages[i]
		if w := s.waits(); s.source && w >= wait && w > 0 {
			wait, grows = w, s.growth > 0
		}
	}
	return wait, grows
}

// stuckTasks names the tasks that have input and do nothing.
func (l *load) stuckTasks() (names []string) {
	for i := range l.stages {
		for _, t := range l.stages[i].tasks {
			if t.stuck {
				names = append(names, t.name())
			}
		}
	}
	return names
}
