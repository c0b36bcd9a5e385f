package sim

import (
	"flag"
	"testing"
	"time"
)

var (
	seeds = flag.Int("seeds", 200, "how many seeds to run")
	first = flag.Uint64("first", 1, "the first seed")
	loud  = flag.Bool("loud", false, "print what the workers of a failing seed said")
)

const repeats = 5

// TestSeeds runs seeds: each fixes a workload and a fault plan. A failing one is run again, to say how often it fails.
func TestSeeds(t *testing.T) {
	begin := time.Now()
	crashes := 0
	var fake time.Duration
	for i := range *seeds {
		seed := *first + uint64(i)
		o := run(t, seed, seedPlan(seed), bugs{})
		crashes, fake = crashes+o.crashes, fake+o.took
		if o.wrong == "" {
			continue
		}
		hits := 0
		for range repeats {
			if run(t, seed, seedPlan(seed), bugs{}).wrong != "" {
				hits++
			}
		}
		t.Errorf("seed %d: %s (run again: %d of %d fail)", seed, o.wrong, hits, repeats)
		if *loud {
			t.Log(o.log)
		}
	}
	d := time.Since(begin)
	t.Logf("%d seeds in %v, %.1f/s, %d crashes, %v of fake time", *seeds, d, float64(*seeds)/d.Seconds(), crashes, fake)
}
