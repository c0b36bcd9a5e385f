package balance

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// group is a group of workers that obeys its plans in the two rounds of the cooperative protocol.
type group struct {
	t          *testing.T
	seed       uint64
	dice       *rand.Rand
	partitions map[string]int32
	steps      map[Task]uint8
	heavy      map[Task]bool
	limits     Limits

	workers    []*worker
	generation int32
	position   int64 // of the tasks' logs, which grow all the time
	promised   map[Task]string
	moves      int // tasks that were taken from somebody for somebody else
	cold       int // of those, heavy ones that went to who had no warm copy
}

type worker struct {
	name   string
	topics []string
	old    bool // of a version that says nothing
	owned  map[Task]bool
	copies map[Task]int64
	warmth map[Task]Warmth
	next   map[Task]bool
	steps  map[Task]uint8 // as it measured them, or was told
}

func newGroup(t *testing.T, seed uint64) *group {
	t.Helper()
	return &group{
		t: t, seed: seed, dice: rand.New(rand.NewPCG(seed, 1)), partitions: map[string]int32{}, steps: map[Task]uint8{}, heavy: map[Task]bool{}, promised: map[Task]string{}, limits: Limits{PerMember: 2, Total: 5},
	}
}

func (g *group) join(name string) *worker {
	w := &worker{name: name, topics: slices.Collect(maps.Keys(g.partitions)), owned: map[Task]bool{}, copies: map[Task]int64{}, warmth: map[Task]Warmth{}, steps: map[Task]uint8{}, next: map[Task]bool{}}
	g.workers = append(g.workers, w)
	return w
}

// leave takes a worker out; what it had is nobody's.
func (g *group) leave(i int) { g.workers = slices.Delete(g.workers, i, i+1) }

func (g *group) members() []Member {
	list := make([]Member, 0, len(g.workers))
	for _, w := range g.workers {
		m := Member{Name: w.name, Topics: w.topics, Owned: slices.Collect(maps.Keys(w.owned)), Generation: g.generation}
		if !w.old {
			m.Warms, m.Says = true, map[Task]Word{}
			for task, at := range w.copies {
				m.Says[task] = Word{Position: at, Warmth: w.warmth[task]}
			}
			for task := range w.steps {
				m.Says[task] = Word{Step: w.steps[task], Heavy: g.heavy[task] && w.owned[task], Position: m.Says[task].Position}
			}
			for task := range w.owned {
				m.Says[task] = Word{Step: w.steps[task], Heavy: g.heavy[task]}
			}
			for task := range w.next {
				said := m.Says[task]
				said.Next = true
				m.Says[task] = said
			}
		}
		list = append(list, m)
	}
	g.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// decide plans, and looks at what can be said of every plan.
func (g *group) decide() Plan {
	g.t.Helper()
	p := Decide(g.members(), g.partitions, g.limits)
	if q := Decide(g.members(), g.partitions, g.limits); !reflect.DeepEqual(p, q) {
		g.t.Fatalf("members in another order make another plan:\n%v\n%v", p, q)
	}
	tasks := 0
	for topic, n := range g.partitions {
		for i := range n {
			tasks++
			if owner := p.Owners[Task{topic, i}]; g.worker(owner) == nil {
				g.t.Fatalf("%s/%d is given to %q", topic, i, owner)
			}
		}
	}
	if len(p.Owners) != tasks {
		g.t.Fatalf("%d tasks, %d are given away", tasks, len(p.Owners))
	}
	total := 0
	for name := range p.Notices {
		reading := 0
		for task, n := range p.Notices[name] {
			if n.WarmUp && g.worker(name).warmth[task] != Warm {
				reading++
			}
		}
		total += reading
		if reading > g.limits.PerMember {
			g.t.Fatalf("%s warms up for %d at once", name, reading)
		}
	}
	if total > g.limits.Total {
		g.t.Fatalf("%d are warmed up for at once", total)
	}
	return p
}

func (g *group) worker(name string) *worker {
	if i := slices.IndexFunc(g.workers, func(w *worker) bool { return w.name == name }); i >= 0 {
		return g.workers[i]
	}
	return nil
}

// rebalance is one round: it takes away what goes elsewhere, and gives what nobody has. It says whether anything was taken away, which makes
// another round.
func (g *group) rebalance() (taken bool) {
	g.t.Helper()
	p := g.decide()
	g.generation++
	g.position++
	had := map[Task]*worker{}
	for _, w := range g.workers {
		for task := range w.steps {
			if !w.owned[task] {
				delete(w.steps, task) // it was lost the round before, and this plan knew it
			}
		}
		for task := range w.owned {
			had[task] = w
		}
	}
	for task, name := range p.Owners {
		to := g.worker(name)
		switch from := had[task]; from {
		case to:
		case nil:
			g.give(task, to, p.Notices[name][task].Step)
		default:
			taken = true
			g.take(task, from, to)
		}
	}
	for _, w := range g.workers {
		w.hear(p.Notices[w.name], g.position)
	}
	return taken
}

// take takes a task away from one worker for another.
func (g *group) take(task Task, from, to *worker) {
	g.moves++
	if g.heavy[task] && !from.old && !to.old && to.warmth[task] != Warm {
		g.cold++
	}
	delete(from.owned, task)
	from.copies[task] = g.position
	if !to.old {
		g.promised[task] = to.name
	}
}

// give gives a task of nobody to a worker. What somebody has warmed up for is not for another one.
func (g *group) give(task Task, to *worker, step uint8) {
	g.t.Helper()
	if w := g.worker(g.promised[task]); w != nil && w != to && g.heavy[task] && w.warmth[task] == Warm && !to.old {
		g.t.Fatalf("%v was taken away for %s and is given to %s", task, w.name, to.name)
	}
	delete(g.promised, task)
	delete(to.warmth, task)
	to.owned[task] = true
	if step > 0 && !to.old {
		to.steps[task] = step
	}
}

// hear is what a worker does with what it is told of tasks. A copy that is not wanted any more stays.
func (w *worker) hear(told map[Task]Notice, position int64) {
	maps.DeleteFunc(w.warmth, func(task Task, _ Warmth) bool { return !told[task].WarmUp })
	clear(w.next)
	for task, n := range told {
		if n.WarmUp && !w.owned[task] {
			w.warmth[task] = max(w.warmth[task], Warming)
			w.copies[task] = position
		}
		if n.Next {
			w.next[task] = true
		}
	}
}

// settle rebalances until nothing is taken away and nobody warms up, and returns the number of rounds.
func (g *group) settle() (rounds int) {
	g.t.Helper()
	tasks := 0
	for _, n := range g.partitions {
		tasks += int(n)
	}
	for {
		rounds++
		if rounds > 3*tasks+10 {
			g.t.Fatalf("seed %d: no end after %d rounds, %d moves of %d tasks", g.seed, rounds, g.moves, tasks)
		}
		if g.rebalance() || g.finishOne() {
			continue
		}
		return rounds
	}
}

// measure has every worker find how busy its tasks are.
func (g *group) measure() {
	for _, w := range g.workers {
		for task := range w.owned {
			if g.steps[task] > 0 && !w.old {
				w.steps[task] = g.steps[task]
			}
		}
	}
}

// finishOne lets one warm-up finish.
func (g *group) finishOne() bool {
	var under []func()
	for _, w := range g.workers {
		for _, task := range slices.SortedFunc(maps.Keys(w.warmth), Task.Compare) {
			if w.warmth[task] == Warming {
				under = append(under, func() { w.warmth[task] = Warm })
			}
		}
	}
	if len(under) == 0 {
		return false
	}
	under[g.dice.IntN(len(under))]()
	return true
}

// evenly fails if somebody has more of a stage than an even share and a task.
func (g *group) evenly() {
	g.t.Helper()
	d := newDecision(g.members(), g.partitions)
	for n := range d.stages {
		s, heaviest := &d.stages[n], 0
		for i := range d.items {
			if d.items[i].stage == n {
				heaviest = max(heaviest, d.items[i].weight)
			}
		}
		for _, m := range s.readers {
			if readers := len(s.readers); (s.load[m]-heaviest)*readers > s.weight {
				g.t.Errorf("%s has %d of the %d of stage %d, the heaviest task is %d", d.members[m].Name, s.load[m], s.weight, n, heaviest)
			}
		}
	}
}

func (g *group) String() string {
	var text strings.Builder
	for _, w := range g.workers {
		_, _ = fmt.Fprintf(&text, "%s: %v\n", w.name, slices.SortedFunc(maps.Keys(w.owned), Task.Compare))
	}
	return text.String()
}
