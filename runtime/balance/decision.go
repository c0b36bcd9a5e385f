package balance

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// decision is one on its way.
type decision struct {
	members []Member // by name
	items   []item   // by task
	stages  []stage  // by topic
	load    []int    // of each member, over all stages
	moved   []*item  // that move, or wait for it, in order, each once
}

// item is a task.
type item struct {
	task   Task
	stage  int
	step   uint8 // 0: not known
	weight int
	heavy  bool
	owner  int // the member that has it, -1 for none
	from   int // the owner, or to whom it was promised; -1 for none
	at     int // the member that is to get it, -1 for none yet
	now    int // the one that gets it now, while a warm copy is waited for
	listed bool
}

// stage is the tasks that read a topic.
type stage struct {
	readers []int // members
	load    []int // by member
	weight  int   // of all its tasks
}

func newDecision(members []Member, partitions map[string]int32) *decision {
	d := &decision{members: slices.Clone(members), load: make([]int, len(members))}
	slices.SortFunc(d.members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	index := map[Task]int{}
	for n, topic := range slices.Sorted(maps.Keys(partitions)) {
		s := stage{load: make([]int, len(members))}
		for m := range d.members {
			if slices.Contains(d.members[m].Topics, topic) {
				s.readers = append(s.readers, m)
			}
		}
		d.stages = append(d.stages, s)
		for p := range partitions[topic] {
			t := Task{topic, p}
			index[t] = len(d.items)
			d.items = append(d.items, item{task: t, stage: n, owner: -1, from: -1, at: -1, now: -1})
		}
	}
	d.claim(index)
	d.settlePromises()
	d.weigh()
	return d
}

// claim finds who has what. Of two claims the one of the later generation is right; between equals the order decides.
func (d *decision) claim(index map[Task]int) {
	for m := range d.members {
		for _, t := range d.members[m].Owned {
			i, known := index[t]
			if !known || !slices.Contains(d.stages[d.items[i].stage].readers, m) {
				continue
			}
			if x := &d.items[i]; x.owner < 0 || d.members[m].Generation > d.members[x.owner].Generation {
				x.owner, x.from = m, m
			}
		}
	}
}

// weigh gives each task the weight that its owner has measured, or somebody who had it before, or one that is usual among the others; and puts it
// where it is.
func (d *decision) weigh() {
	remembered := d.remembered()
	byStage, all := make([][]int, len(d.stages)), []int(nil)
	for i := range d.items {
		x := &d.items[i]
		said := Word{}
		if x.owner >= 0 {
			said = d.copyOf(x, x.owner)
		}
		x.heavy, x.step = x.heavy || said.Heavy, cmp.Or(said.Step, remembered[x.task].Step)
		x.weight = weight(x.step)
		if x.weight > 0 {
			byStage[x.stage] = append(byStage[x.stage], x.weight)
			all = append(all, x.weight)
		}
	}
	usual := usualOf(all, 1)
	for n := range d.stages {
		known := usualOf(byStage[n], usual)
		for i := range d.items {
			if x := &d.items[i]; x.stage == n {
				x.weight = cmp.Or(x.weight, known)
				d.stages[n].weight += x.weight
			}
		}
	}
	for i := range d.items {
		if x := &d.items[i]; x.from >= 0 {
			d.put(x, x.from)
		}
	}
}

// settlePromises counts a task that was taken away as being where it is to go. Who has a warm copy of it has been waited for.
func (d *decision) settlePromises() {
	for i := range d.items {
		if x := &d.items[i]; x.owner < 0 {
			if x.from = d.promised(x); x.from >= 0 {
				x.heavy = d.copyOf(x, x.from).Warmth != Cold
			}
		}
	}
}

// promised returns the member that was told that a task is its next, or -1: of several who say so the one that was told last.
func (d *decision) promised(x *item) int {
	best := -1
	for _, m := range d.stages[x.stage].readers {
		if d.copyOf(x, m).Next && (best < 0 || d.members[m].Generation > d.members[best].Generation) {
			best = m
		}
	}
	return best
}

// remembered is what those say of a task's load who have it or had it a moment ago: of several the one whose copy is the latest.
func (d *decision) remembered() map[Task]Word {
	best := map[Task]Word{}
	for m := range d.members {
		for t, w := range d.members[m].Says {
			b, ok := best[t]
			if w.Step > 0 && (!ok || cmp.Or(cmp.Compare(w.Position, b.Position), cmp.Compare(w.Step, b.Step)) > 0) {
				best[t] = w
			}
		}
	}
	return best
}

// usualOf is the median, the lower one of two.
func usualOf(weights []int, none int) int {
	if len(weights) == 0 {
		return none
	}
	slices.Sort(weights)
	return weights[(len(weights)-1)/2]
}

// put gives a task to a member.
func (d *decision) put(x *item, to int) {
	s := &d.stages[x.stage]
	if x.at >= 0 {
		s.load[x.at] -= x.weight
		d.load[x.at] -= x.weight
	}
	x.at = to
	s.load[to] += x.weight
	d.load[to] += x.weight
}

// copyOf is what a member says of a task.
func (d *decision) copyOf(x *item, member int) Word { return d.members[member].Says[x.task] }

// rank orders copies of a task by how soon who has one can go on with it. 0 is no copy.
func (w Word) rank() int64 {
	const step = int64(1) << 60 // beyond any position in a log
	return int64(w.Warmth)*step + max(0, min(w.Position, step-1))
}
