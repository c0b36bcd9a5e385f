package state

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sort"
)

// generation is the writes between two commits, readable: a hash index finds the latest write of a key, and a sorted
// list of the writes is made when somebody scans. The index is made for the first reader, as most generations have none;
// without it a key that is written twice stays twice in the list.
type generation struct {
	changes Changes
	ranges  intervals
	seed    maphash.Seed

	// slots is an open-addressing table of positions in changes, plus one; 0 is free. Its length is a power of two.
	slots   []uint32
	used    int
	indexed bool

	// order lists the latest writes of all keys by key; it is made for the first `ordered` writes.
	order   []uint32
	ordered int
}

const (
	// idleBytes is what an empty generation may always keep, and idleTimes how many times what it had last it may else.
	idleBytes = 256 << 10
	idleTimes = 4
)

func newGeneration() *generation { return &generation{seed: maphash.MakeSeed()} }

// reset empties the generation. It keeps the memory unless it took far more before than it did this time: a task has two generations,
// and a worker has many tasks, of which each once has its largest commit.
func (g *generation) reset() {
	switch {
	case cap(g.changes.data) > idleBytes && cap(g.changes.data) > idleTimes*len(g.changes.data),
		cap(g.changes.ops)*opBytes > idleBytes && cap(g.changes.ops) > idleTimes*len(g.changes.ops):
		*g = *newGeneration()
		return
	case g.indexed:
		clear(g.slots)
	}
	g.changes.Reset()
	g.indexed, g.ranges, g.used, g.order, g.ordered = false, g.ranges[:0], 0, g.order[:0], 0
}

func (g *generation) empty() bool { return len(g.changes.ops) == 0 }

// find returns the slot of a key, and the position of its latest write or -1.
func (g *generation) find(key []byte) (slot, at int) {
	mask := len(g.slots) - 1
	for slot = int(maphash.Bytes(g.seed, key)) & mask; ; slot = (slot + 1) & mask { //nolint:gosec // masked
		p := g.slots[slot]
		if p == 0 {
			return slot, -1
		}
		if bytes.Equal(g.changes.key(int(p-1)), key) {
			return slot, int(p - 1)
		}
	}
}

// index makes the index if there is none. It leaves the list as it is, which may be sealed.
func (g *generation) index() {
	if g.indexed {
		return
	}
	g.indexed = true
	for i := range g.changes.ops {
		if g.changes.ops[i].kind == OpDeleteRange {
			continue
		}
		if g.used*4 >= len(g.slots)*3 {
			g.grow()
		}
		slot, at := g.find(g.changes.key(i))
		if at < 0 {
			g.used++
		}
		g.slots[slot] = uint32(i + 1)
	}
}

// write adds a put or a delete of one key.
func (g *generation) write(kind OpKind, key, value []byte) error {
	if !g.indexed {
		return g.changes.add(kind, key, value)
	}
	if g.used*4 >= len(g.slots)*3 {
		g.grow()
	}
	slot, at := g.find(key)
	if err := g.changes.add(kind, key, value); err != nil {
		return err
	}
	if at < 0 {
		g.used++
	} else {
		g.changes.supersede(at)
	}
	g.slots[slot] = uint32(len(g.changes.ops)) //nolint:gosec // fewer than maxChangesBytes
	return nil
}

func (g *generation) grow() {
	old := g.slots
	g.slots = make([]uint32, max(64, 2*len(old)))
	for _, p := range old {
		if p != 0 {
			slot, _ := g.find(g.changes.key(int(p - 1)))
			g.slots[slot] = p
		}
	}
}

// deleteRange deletes [lower, upper); a nil upper is the end.
func (g *generation) deleteRange(lower, upper []byte) error {
	if upper != nil && bytes.Compare(lower, upper) >= 0 {
		return nil
	}
	if err := g.changes.add(OpDeleteRange, lower, upper); err != nil {
		return err
	}
	g.ranges.add(bytes.Clone(lower), bytes.Clone(upper), len(g.changes.ops)-1)
	return nil
}

// get returns what the generation says about a key: nothing (known is false), a value, or that it is deleted.
func (g *generation) get(key []byte) (value []byte, found, known bool) {
	if g.empty() {
		return nil, false, false
	}
	g.index()
	at := -1
	if g.used > 0 {
		_, at = g.find(key)
	}
	if g.ranges.covers(key, at) {
		return nil, false, true
	}
	if at < 0 {
		return nil, false, false
	}
	return g.changes.value(at), g.changes.ops[at].kind == OpPut, true
}

// hides says whether the generation decides about a key, so that what lies below does not count.
func (g *generation) hides(key []byte) bool {
	_, _, known := g.get(key)
	return known
}

// sorted returns the positions of the latest writes of the keys in [lower, upper), by key.
func (g *generation) sorted(lower, upper []byte) []uint32 {
	if g.index(); g.ordered != len(g.changes.ops) {
		g.order = g.order[:0]
		for _, p := range g.slots {
			if p != 0 {
				g.order = append(g.order, p-1)
			}
		}
		slices.SortFunc(g.order, func(a, b uint32) int { return bytes.Compare(g.changes.key(int(a)), g.changes.key(int(b))) })
		g.ordered = len(g.changes.ops)
	}
	from := sort.Search(len(g.order), func(i int) bool { return bytes.Compare(g.changes.key(int(g.order[i])), lower) >= 0 })
	rest := g.order[from:]
	if upper == nil {
		return rest
	}
	return rest[:sort.Search(len(rest), func(i int) bool { return bytes.Compare(g.changes.key(int(rest[i])), upper) >= 0 })]
}
