package balance

import "cmp"

// move is one that makes the work more even.
type move struct {
	item *item
	to   int
	// What speaks for it, the first that differs decides.
	home   bool  // back to where the task is
	across bool  // from above an even share to below
	costs  int   // how little it costs: the higher, the less
	gain   int   // by how much the heavier one of both gets lighter in the stage
	all    int   // and over all stages
	copied int64 // rank of the copy there
}

// The costs of a move.
const (
	loses   = iota // the task goes to who has nothing of it
	light          // it has little state or none
	begun          // its next owner is warming up, or has
	without        // it moves already
)

// even moves tasks as long as that makes the shares of a stage more even or, without making that worse, those of all stages together. Each move lowers
// the sum of the squares of the shares, so it comes to an end. May says which moves are allowed.
func (d *decision) even(may func(x *item, to int) bool) {
	for {
		m := d.best(d.withinStage, may)
		if m.item == nil {
			m = d.best(d.overall, may)
		}
		if m.item == nil {
			return
		}
		d.put(m.item, m.to)
		if !m.item.listed {
			m.item.listed = true
			d.moved = append(d.moved, m.item)
		}
	}
}

// best returns the best move among those that do something, without item if there is none.
func (d *decision) best(gains, may func(x *item, to int) bool) (best move) {
	for i := range d.items {
		x := &d.items[i]
		if x.at < 0 {
			continue
		}
		for _, to := range d.stages[x.stage].readers {
			if to == x.at || !gains(x, to) || !may(x, to) {
				continue
			}
			if m := d.judge(x, to); best.item == nil || m.compare(best) > 0 {
				best = m
			}
		}
	}
	return best
}

// withinStage says that a move makes a stage more even.
func (d *decision) withinStage(x *item, to int) bool {
	load := d.stages[x.stage].load
	return load[x.at]-load[to] > x.weight
}

// overall says that a move makes the whole more even, and no stage less.
func (d *decision) overall(x *item, to int) bool {
	load := d.stages[x.stage].load
	return load[x.at]-load[to] >= x.weight && d.load[x.at]-d.load[to] > x.weight
}

func (d *decision) judge(x *item, to int) move {
	s := &d.stages[x.stage]
	gain := func(load []int) int { return min(x.weight, load[x.at]-load[to]-x.weight) }
	said := d.copyOf(x, to)
	m := move{
		item: x, to: to, home: to == x.from, across: !s.fair(s.load[x.at]) && s.below(s.load[to]),
		gain: gain(s.load), all: gain(d.load), copied: said.rank(),
	}
	switch {
	case x.at != x.from:
		m.costs = without
	case said.Warmth != Cold:
		m.costs = begun
	case !x.heavy:
		m.costs = light
	}
	return m
}

// compare is above 0 when m is the better move.
func (m *move) compare(n move) int {
	return cmp.Or(truth(m.home)-truth(n.home), truth(m.across)-truth(n.across), m.costs-n.costs, m.gain-n.gain, m.all-n.all,
		cmp.Compare(m.copied, n.copied), n.item.task.Compare(m.item.task), n.to-m.to)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
