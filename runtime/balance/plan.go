package balance

// Plan is who is to have what.
type Plan struct {
	// Owners names the member of each task; a task of a topic that nobody reads is not in it.
	Owners map[Task]string
	// Notices are what members are told of tasks, by member.
	Notices map[string]map[Task]Notice
}

// Notice is what a member is told of a task that it did not have before.
type Notice struct {
	// WarmUp says that it is to read the task's state beside its work, and to follow it.
	WarmUp bool
	// Next says that the task is its next, once it is taken from who has it. When it joins for that, it says so: else whoever leads the group then might
	// decide on another one, and the group might never rest.
	Next bool
	// Step is the task's load as far as it is known, for its own until it has measured it.
	Step uint8
}

// Decide plans for members that are not in any order, with names of their own. Partitions counts those of each topic. The same input
// makes the same plan. With nobody there, it is empty.
//
// A task is given to one member. Nobody has more of a topic than an even share and the heaviest task of that topic, unless tasks
// wait for a warm copy.
func Decide(members []Member, partitions map[string]int32, limits Limits) Plan {
	d := newDecision(members, partitions)
	d.place()
	// What can move now makes what is now more even, whatever becomes of the tasks that have to wait.
	d.even(d.ready)
	for i := range d.items {
		d.items[i].now = d.items[i].at
	}
	d.even(func(*item, int) bool { return true })
	return d.plan(limits)
}

// ready says that a task can move now.
func (d *decision) ready(x *item, to int) bool {
	return !x.heavy || to == x.from || !d.members[to].Warms || d.copyOf(x, to).Warmth == Warm
}

// plan returns what came of it, and has members warm up for the tasks that wait.
func (d *decision) plan(limits Limits) Plan {
	p := Plan{Owners: make(map[Task]string, len(d.items)), Notices: map[string]map[Task]Notice{}}
	tell := func(member int, t Task, n Notice) {
		name := d.members[member].Name
		if p.Notices[name] == nil {
			p.Notices[name] = map[Task]Notice{}
		}
		p.Notices[name][t] = n
	}
	for i := range d.items {
		x := &d.items[i]
		if x.now < 0 {
			continue
		}
		p.Owners[x.task] = d.members[x.now].Name
		if moves := x.now != x.owner; moves {
			tell(x.now, x.task, Notice{Step: x.step, Next: x.owner >= 0, WarmUp: x.heavy && d.members[x.now].Warms})
		}
	}
	count, total := make([]int, len(d.members)), 0
	for _, begun := range []bool{true, false} {
		for _, x := range d.moved {
			warmth := d.copyOf(x, x.at).Warmth
			if x.at == x.now || !x.heavy || !d.members[x.at].Warms || begun != (warmth != Cold) {
				continue
			}
			if warmth != Warm { // else it only waits for others to move first
				if count[x.at] >= limits.PerMember || total >= limits.Total {
					continue
				}
				count[x.at]++
				total++
			}
			tell(x.at, x.task, Notice{WarmUp: true})
		}
	}
	return p
}
