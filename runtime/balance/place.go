package balance

import (
	"cmp"
	"slices"
)

// place gives the tasks of nobody away, the heaviest first: to who has the best copy of the state, if that makes its share of the stage no
// larger than it must be, else to who has least.
func (d *decision) place() {
	var free []*item
	for i := range d.items {
		if x := &d.items[i]; x.from < 0 && len(d.stages[x.stage].readers) > 0 {
			free = append(free, x)
		}
	}
	slices.SortStableFunc(free, func(x, y *item) int { return -cmp.Compare(x.weight, y.weight) })
	for _, x := range free {
		s := &d.stages[x.stage]
		least := s.least()
		best := -1
		for _, m := range s.readers {
			if best < 0 || d.better(x, m, best, least) {
				best = m
			}
		}
		d.put(x, best)
	}
}

// better says that a task of nobody should rather go to member a than to b. Least is what the member with the smallest share of
// the stage has.
func (d *decision) better(x *item, a, b, least int) bool {
	s := &d.stages[x.stage]
	fits := func(m int) bool { return s.load[m] == least || s.fair(s.load[m]+x.weight) }
	rank := func(m int) int64 {
		if !fits(m) {
			return -1
		}
		return d.copyOf(x, m).rank()
	}
	return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(s.load[a], s.load[b]), cmp.Compare(d.load[a], d.load[b]), cmp.Compare(a, b)) < 0
}

// least is the smallest share of a reader.
func (s *stage) least() int {
	least := s.load[s.readers[0]]
	for _, m := range s.readers {
		least = min(least, s.load[m])
	}
	return least
}

// fair says that a load is not above an even share.
func (s *stage) fair(load int) bool { return load*len(s.readers) <= s.weight }

// below says that a load is below an even share.
func (s *stage) below(load int) bool { return load*len(s.readers) < s.weight }
