package sim

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	seeds  = flag.Int("seeds", 300, "how many seeds to run")
	first  = flag.Uint64("first", 1, "the first seed")
	loud   = flag.Bool("loud", false, "print what the workers of a failing seed said")
	script = flag.String("plan", "", "a plan to play, as a failing seed writes it")
)

const (
	repeats = 5
	// unseenOneIn is how many seeds may say nothing, for the embedded broker's sake: one in so many.
	unseenOneIn = 100
)

// TestSeeds runs seeds: each fixes a workload and a plan. A failing one is run again, to say how often it fails, and its
// plan is written down.
func TestSeeds(t *testing.T) {
	begin := time.Now()
	crashes, gaveUp, unseen, warmed := 0, 0, 0, 0
	var weaker tallies
	var fake time.Duration
	for i := range *seeds {
		seed := *first + uint64(i)
		s := &Script{Seed: seed}
		o := run(t, seed, s.Record(seedPlan(seed)))
		crashes, gaveUp, fake = crashes+o.crashes, gaveUp+o.gaveUp, fake+o.took
		warmed += o.warmed
		if o.unseen {
			unseen++
		}
		weaker.add(deliveryOf(seed), o)
		if o.wrong == "" {
			continue
		}
		hits := again(t, seed, seedPlan(seed))
		t.Errorf("seed %d: %s (run again: %d of %d fail)\n  go test ./test/sim -run TestSeeds -args -seeds 1 -first %d -loud\n  or, to shorten: go test ./test/sim -run TestPlan -args -plan %s\n  what the workers said, and did in the end, is beside the plan",
			seed, o.wrong, hits, repeats, seed, written(t, s, o))
		if *loud {
			t.Log(o.log)
		}
	}
	if unseen > *seeds/unseenOneIn {
		t.Errorf("%d of %d seeds were played and not seen: the embedded broker stands still too often for the simulation to be worth something", unseen, *seeds)
	}
	if warmed == 0 {
		t.Error("no worker has warmed up for a task")
	}
	weaker.judge(t)
	d := time.Since(begin)
	t.Logf("%d seeds in %v, %.1f/s, %d crashes, %d workers ended by themselves, %d tasks warmed up for, %v of fake time",
		*seeds, d, float64(*seeds)/d.Seconds(), crashes, gaveUp, warmed, fake)
}

// TestPlan plays the plan of a file.
func TestPlan(t *testing.T) {
	if *script == "" {
		t.Skip("no -plan FILE is given")
	}
	text, err := os.ReadFile(*script)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseScript(string(text))
	if err != nil {
		t.Fatalf("%s: %v", *script, err)
	}
	if o := run(t, s.Seed, s.Plan()); o.wrong != "" {
		t.Errorf("%s (run again: %d of %d fail)\n%s", o.wrong, again(t, s.Seed, s.Plan()), repeats, o.log)
	}
}

// again counts how often a plan fails.
func again(t *testing.T, seed uint64, plan Plan) (hits int) {
	t.Helper()
	for range repeats {
		if run(t, seed, plan).wrong != "" {
			hits++
		}
	}
	return hits
}

// written puts the script into a file, what came of it into another beside, and returns the first one's name.
func written(t *testing.T, s *Script, o outcome) string {
	t.Helper()
	dir, err := filepath.Abs("../../bin/sim")
	if err == nil {
		err = os.MkdirAll(dir, 0o750)
	}
	name := filepath.Join(dir, "seed-"+strconv.FormatUint(s.Seed, 10)+".plan")
	if err == nil {
		err = os.WriteFile(name, []byte(s.String()), 0o600)
	}
	if err == nil {
		err = os.WriteFile(strings.TrimSuffix(name, ".plan")+".log", []byte(o.wrong+"\n\n"+o.log+"\n"+o.stood), 0o600)
	}
	if err != nil {
		t.Error(err)
	}
	return name
}
