package balance

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
)

var seeds = flag.Int("seeds", 100, "how many seeds to run")

// TestGroupsOfWorkersThatComeAndGoSettle lets workers come, go and restart, with loads that change, and old versions among them.
func TestGroupsOfWorkersThatComeAndGoSettle(t *testing.T) {
	longest, moves, cold := 0, 0, 0
	for seed := range uint64(*seeds) {
		g := newGroup(t, seed)
		for i := range 1 + g.dice.IntN(4) {
			g.partitions[fmt.Sprint("t", i)] = int32(1 + g.dice.IntN(24))
		}
		weighted, heavy := g.dice.IntN(2) == 0, g.dice.IntN(3) > 0
		g.drift(weighted, heavy)
		g.join("w0")
		for next := 1; next < 12; next++ {
			switch n := g.dice.IntN(6); {
			case n == 0 && len(g.workers) > 1:
				g.leave(g.dice.IntN(len(g.workers)))
			case n == 1:
				g.drift(weighted, heavy)
			case n == 2: // it comes back without its tasks, and with what it had of them
				w := g.workers[g.dice.IntN(len(g.workers))]
				for task := range w.owned {
					w.copies[task] = g.position
				}
				clear(w.owned)
				clear(w.warmth)
				clear(w.steps)
				clear(w.next)
			default:
				g.join(fmt.Sprint("w", next)).old = !weighted && g.dice.IntN(8) == 0
			}
			if g.dice.IntN(2) == 0 {
				g.measure()
			}
			longest = max(longest, g.settle())
			g.evenly()
			before := g.moves
			if g.settle() != 1 || g.moves != before {
				t.Errorf("tasks move although nothing has changed")
			}
			if t.Failed() {
				t.Fatalf("seed %d, step %d:\n%v", seed, next, g)
			}
		}
		moves, cold = moves+g.moves, cold+g.cold
	}
	t.Logf("%d moves, at most %d rounds", moves, longest)
	if cold > 0 {
		t.Errorf("%d heavy tasks went to who had no warm copy", cold)
	}
}

// TestNoPlanOfAMixedGroupGivesATaskTwice has workers of a version that says nothing among others with loads. Weights come and go with the tasks
// then, and nothing is said of how even it is.
func TestNoPlanOfAMixedGroupGivesATaskTwice(t *testing.T) {
	for seed := range uint64(*seeds) {
		g := newGroup(t, seed)
		g.partitions["a"], g.partitions["b"] = int32(1+g.dice.IntN(20)), int32(1+g.dice.IntN(20))
		for i := range 12 {
			if g.dice.IntN(4) == 0 && len(g.workers) > 1 {
				g.leave(g.dice.IntN(len(g.workers)))
			} else if g.dice.IntN(2) == 0 || i == 0 {
				g.join(fmt.Sprint("w", i)).old = g.dice.IntN(2) == 0
			}
			g.drift(true, true)
			g.measure()
			g.rebalance()
			g.finishOne()
		}
	}
}

// drift gives tasks new loads.
func (g *group) drift(weighted, heavy bool) {
	for _, topic := range slices.Sorted(maps.Keys(g.partitions)) {
		for i := range g.partitions[topic] {
			task := Task{topic, i}
			if weighted {
				g.steps[task] = uint8(g.dice.IntN(MaxStep + 1))
			}
			g.heavy[task] = heavy && g.dice.IntN(3) > 0
		}
	}
}
