package autoscale_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/autoscale"
)

// model is a job with a source stage that feeds an aggregating one, as far as an autoscaler can see it: workers that take turns
// among their tasks, and need a while to become ready.
type model struct {
	r   *rand.Rand
	now time.Time
	// perWorker is how many rows a second a worker takes when it has nothing but the source, and second what a row costs further on, in terms
	// of the source.
	perWorker, second float64
	// share is how the rows are spread over the source's partitions.
	share  []float64
	tasks  []*modelTask
	of     [][]*modelTask // by worker
	mine   []*modelTask
	busy   map[string]float64
	idle   map[string]float64
	wanted int
	ready  int
	at     []time.Time // when the workers that are missing become ready
	settle time.Duration
	// dead are partitions that nobody gets on with, ceiling what the sink takes at the most, or 0.
	dead    map[int]bool
	ceiling float64
	// silent says whether the workers answer.
	silent bool
}

type modelTask struct {
	stage           string
	partition       int
	lag, rows, busy float64
	// base is what the counters were when the task came to its worker.
	baseRows, baseBusy float64
	worker             string
	cost               float64
}

const (
	sources   = 16
	exchanges = 32
)

func newModel(seed uint64, workers int) *model {
	m := &model{
		r: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1_700_000_000, 0), perWorker: 10_000, second: 0.5, wanted: workers, ready: workers, settle: 30 * time.Second,
		busy: map[string]float64{}, idle: map[string]float64{}, dead: map[int]bool{},
	}
	for p := range sources {
		m.share = append(m.share, 1.0/sources)
		m.tasks = append(m.tasks, &modelTask{stage: "source", partition: p, cost: 1 / m.perWorker / (1 + m.second)})
	}
	for p := range exchanges {
		m.tasks = append(m.tasks, &modelTask{stage: "sum", partition: p, cost: m.second / m.perWorker / (1 + m.second)})
	}
	m.spread()
	return m
}

// spread gives the tasks to the workers that are ready, the busiest first to the one that has least.
func (m *model) spread() {
	if m.ready == 0 {
		return
	}
	order := slices.Clone(m.tasks)
	weight := func(t *modelTask) float64 {
		if t.stage == "source" {
			return t.cost * m.share[t.partition]
		}
		return t.cost / exchanges
	}
	slices.SortStableFunc(order, func(a, b *modelTask) int { return cmp.Compare(weight(b), weight(a)) })
	load := make([]float64, m.ready)
	m.of = make([][]*modelTask, m.ready)
	for _, t := range order {
		w := 0
		for i := range load {
			if load[i] < load[w]-1e-15 {
				w = i
			}
		}
		load[w] += weight(t)
		m.of[w] = append(m.of[w], t)
		if name := workerName(w); name != t.worker {
			t.worker, t.baseRows, t.baseBusy = name, t.rows, t.busy
		}
	}
}

func workerName(w int) string { return "w" + strconv.Itoa(w) }

// pass lets one second pass, in which so many rows arrive.
func (m *model) pass(arrive float64) {
	m.now = m.now.Add(time.Second)
	for len(m.at) > 0 && !m.now.Before(m.at[0]) {
		m.at = m.at[1:]
		m.ready++
		m.spread()
	}
	for p, share := range m.share {
		m.tasks[p].lag += arrive * share * (0.95 + 0.1*m.r.Float64())
	}
	room := math.Inf(1)
	if m.ceiling > 0 {
		room = m.ceiling
	}
	for w := range m.ready {
		name := workerName(w)
		left := 1.0
		mine := m.mine[:0]
		for _, t := range m.of[w] {
			if t.stage != "source" || !m.dead[t.partition] {
				mine = append(mine, t)
			}
		}
		m.mine = mine
		slices.SortStableFunc(mine, func(a, b *modelTask) int { return cmp.Compare(a.lag*a.cost, b.lag*b.cost) })
		for i, t := range mine { // each gets an even part of what is left: what one does not need the others get
			n := min(t.lag, left/float64(len(mine)-i)/t.cost)
			if t.stage == "source" {
				n = min(n, room)
				room -= n
				for p := range exchanges {
					m.tasks[sources+p].lag += n / exchanges
				}
			}
			t.lag, t.rows, t.busy, left = t.lag-n, t.rows+n, t.busy+n*t.cost, left-n*t.cost
		}
		m.busy[name] += 1 - left
		m.idle[name] += left
	}
}

// scale asks for another number of workers.
func (m *model) scale(to int) {
	if to > m.ready {
		for range to - max(m.wanted, m.ready) {
			m.at = append(m.at, m.now.Add(m.settle))
		}
	} else {
		m.ready, m.at = to, nil
		m.spread()
	}
	m.wanted = to
}

func (m *model) sample() autoscale.Sample {
	s := autoscale.Sample{At: m.now, Wanted: m.wanted, Ready: m.ready}
	for w := range m.ready {
		name := workerName(w)
		if m.silent {
			s.Silent = append(s.Silent, name)
			continue
		}
		worker := autoscale.Worker{Name: name, Busy: m.busy[name], Idle: m.idle[name]}
		for _, t := range m.tasks {
			if t.worker == name {
				worker.Tasks = append(worker.Tasks, autoscale.Task{
					Stage: t.stage, Partition: int32(t.partition), Source: t.stage == "source", Rows: t.rows - t.baseRows, Busy: t.busy - t.baseBusy, Lag: int64(t.lag),
				})
			}
		}
		s.Workers = append(s.Workers, worker)
	}
	return s
}

func (m *model) lag() (sum float64) {
	for _, t := range m.tasks[:sources] {
		sum += t.lag
	}
	return sum
}

// moment is what a run was at a time.
type moment struct {
	after                  time.Duration
	arrives, lag           float64
	wanted, ready, advised int
}

// change is a decision of a run.
type change struct {
	after    time.Duration
	from, to int
	reason   autoscale.Reason
	message  string
}

// run is what came of a scenario.
type run struct {
	moments   []moment
	changes   []change
	said      map[autoscale.Reason]int // of each second
	decisions []autoscale.Decision
}

// scenario is a job with what happens to it.
type scenario struct {
	policy  autoscale.Policy
	workers int
	lasts   time.Duration
	arrives func(after time.Duration) float64
	// happens changes the model; nil is nothing.
	happens func(m *model, after time.Duration)
	settle  time.Duration
}

func usual() autoscale.Policy {
	return autoscale.Policy{Min: 1, Max: 32, Target: 0.7, LagObjective: 30 * time.Second, CatchUp: 5 * time.Minute, ScaleDownDelay: 5 * time.Minute}
}

// player runs a scenario.
type player struct {
	*scenario
	t       *testing.T
	m       *model
	memory  *autoscale.Memory
	history autoscale.History
	rested  autoscale.Rested
	out     *run
	reason  autoscale.Reason
	advised int
}

// play runs a scenario in fake seconds. What must hold of every decision is looked at here.
func (s *scenario) play(t *testing.T, seed uint64) *run {
	t.Helper()
	p := &player{scenario: s, t: t, m: newModel(seed, s.workers), memory: &autoscale.Memory{}, out: &run{said: map[autoscale.Reason]int{}}, advised: s.workers}
	if s.settle > 0 {
		p.m.settle = s.settle
	}
	m, begin, next := p.m, p.m.now, 0.0
	for m.now.Sub(begin) < s.lasts {
		after := m.now.Sub(begin)
		if s.happens != nil {
			s.happens(m, after)
		}
		m.pass(s.arrives(after))
		if after.Seconds() >= next {
			next = after.Seconds() + 10*(0.9+0.2*m.r.Float64())
			p.decide(after)
		}
		p.out.said[p.reason]++
		p.out.moments = append(p.out.moments, moment{after, s.arrives(after), m.lag(), m.wanted, m.ready, p.advised})
	}
	return p.out
}

// decide does what the operator does in a pass.
func (p *player) decide(after time.Duration) {
	m := p.m
	var d autoscale.Decision
	if m.wanted == 0 {
		p.rested.Lag, p.rested.Known = int64(m.lag()), !m.silent
		d = autoscale.Wake(m.now, &p.policy, p.rested)
		d.History = p.history
	} else {
		p.memory.Add(m.sample())
		d = p.memory.Decide(autoscale.Input{Now: m.now, Policy: p.policy, Wanted: m.wanted, History: p.history})
	}
	p.check(p.t, m, &d)
	p.history, p.reason, p.advised = d.History, d.Reason, d.Recommended
	p.out.decisions = append(p.out.decisions, d)
	if !d.Changed {
		return
	}
	p.out.changes = append(p.out.changes, change{after, m.wanted, d.Workers, d.Reason, d.Message})
	p.history = p.history.With(autoscale.Record{At: m.now, From: m.wanted, To: d.Workers, Reason: d.Reason, Rows: d.Rows})
	switch {
	case d.Workers == 0:
		p.rested = autoscale.Rested{Since: m.now, Before: m.wanted}
	case m.wanted == 0:
		p.memory = &autoscale.Memory{}
	}
	m.scale(d.Workers)
	p.memory.Applied()
}

// check holds what is true of every decision, whatever happens.
func (s *scenario) check(t *testing.T, m *model, d *autoscale.Decision) {
	t.Helper()
	zero := d.Workers == 0 && s.policy.ZeroAfter > 0
	if !zero && (d.Workers < s.policy.Min || d.Workers > s.policy.Max) {
		t.Fatalf("%d workers are not between %d and %d: %s", d.Workers, s.policy.Min, s.policy.Max, d.Message)
	}
	if d.Changed != (d.Workers != m.wanted) {
		t.Fatalf("changed is %v from %d to %d", d.Changed, m.wanted, d.Workers)
	}
	if m.silent && d.Changed {
		t.Fatalf("acts without data: %s %s", d.Reason, d.Message)
	}
	if d.Reason == "" || d.Message == "" {
		t.Fatalf("no reason: %+v", d)
	}
}

// turns counts how often the direction changes.
func (r *run) turns() int {
	n, last := 0, 0
	for _, c := range r.changes {
		direction := cmp.Compare(c.to, c.from)
		if last != 0 && direction != last {
			n++
		}
		last = direction
	}
	return n
}

func (r *run) tell() string {
	var text strings.Builder
	for _, c := range r.changes {
		fmt.Fprintf(&text, "%v: %d to %d, %s: %s\n", c.after, c.from, c.to, c.reason, c.message)
	}
	return text.String()
}
