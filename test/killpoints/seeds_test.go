package killpoints

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var (
	seeds = flag.Int("seeds", 6, "how many seeds to play")
	first = flag.Uint64("first", 1, "the first seed")
)

// deaths is how many operators die in a seed.
const deaths = 3

// TestSeeds plays scenarios in bad weather: writes meet conflicts or lose their answers, the operator's cache is seconds behind, each kind by itself,
// and several operators die, one after the other.
func TestSeeds(t *testing.T) {
	golden, list := readGolden(t), scenarios()
	sums := weather{}
	for i := range uint64(*seeds) {
		seed := *first + i
		r := rand.New(rand.NewPCG(seed, 3))
		s := list[r.IntN(len(list))]
		points := golden[s.name].kills()
		var kills []*kill
		for range deaths {
			k := *points[r.IntN(len(points))]
			kills = append(kills, &k)
		}
		var o outcome
		for range tries {
			w := newWeather(seed)
			o = play(t, s, kills, w)
			sums.conflicts, sums.lost, sums.stale = sums.conflicts+w.conflicts, sums.lost+w.lost, sums.stale+w.stale
			if o.stuck == "" {
				break
			}
		}
		if o.failed() {
			keep(t, s, kills, o)
			t.Errorf("seed %d, %s: %s", seed, s.name, o.String())
		}
	}
	t.Logf("%d seeds: %d conflicts, %d answers lost, %d reads of an old cache", *seeds, sums.conflicts, sums.lost, sums.stale)
	if *seeds > 2 && (sums.conflicts == 0 || sums.lost == 0 || sums.stale == 0) {
		t.Error("the weather was too good: the test sees nothing")
	}
}
