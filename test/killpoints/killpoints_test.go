package killpoints

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	rewrite = flag.Bool("rewrite", false, "write the golden file")
	only    = flag.String("only", "", "with -rewrite: write what is there of scenarios whose names hold this, and leave the others")
	every   = flag.Int("every", 12, "play one in so many kill points, others each day")
	whole   = flag.Bool("all", false, "play all kill points")
	at      = flag.String("at", "", "play the kill points of effects whose names hold this")
	logs    = flag.String("logs", "", "folder for what workers and operators log in runs that fail; empty: none")
)

// tries is how often a run is played that says nothing: the broker in memory lets a group wait for ever now and then, and when a pass looks, which
// is no matter of ours, decides how often some effects come.
const tries = 3

// unmetOneIn is the part of kill points that may not be met.
const unmetOneIn = 20

// TestEachEffectHasAKillPoint plays each scenario whole, and compares its effects with the golden file.
func TestEachEffectHasAKillPoint(t *testing.T) {
	if *rewrite {
		rewriteGolden(t)
		return
	}
	golden := readGolden(t)
	total := 0
	for _, s := range scenarios() {
		total += golden[s.name].points()
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var list []string
			for range tries {
				o := play(t, s, nil, nil)
				if o.failed() {
					keep(t, s, nil, o)
					list = []string{o.String()}
					continue
				}
				if list = golden[s.name].differs(o.names); len(list) == 0 {
					return
				}
			}
			t.Errorf("an operator that nobody kills: %s\nWhat is new needs a kill point: look what becomes of the job when the operator dies there, and run with -rewrite", strings.Join(list, "\n"))
		})
	}
	t.Logf("%d kill points in %d scenarios", total, len(scenarios()))
}

func rewriteGolden(t *testing.T) {
	t.Helper()
	golden := map[string]effects{}
	if *only != "" {
		golden = readGolden(t)
	}
	for _, s := range scenarios() {
		if !strings.Contains(s.name, *only) {
			continue
		}
		var runs [][]string
		for range 5 * tries {
			o := play(t, s, nil, nil)
			if o.failed() {
				keep(t, s, nil, o)
				t.Fatalf("%s: %s", s.name, o.String())
			}
			runs = append(runs, o.names)
		}
		golden[s.name] = count(runs)
	}
	writeGolden(t, golden)
}

// TestKillPoints kills the operator at each kill point, or at those whose turn it is.
func TestKillPoints(t *testing.T) {
	golden := readGolden(t)
	today := int(time.Now().Unix() / (24 * 60 * 60))
	number := 0
	var mu sync.Mutex
	played, unmet := 0, 0
	t.Cleanup(func() {
		t.Logf("%d of %d kill points played; the effect did not come again in %d", played, number, unmet)
		if unmet*unmetOneIn > played {
			t.Errorf("too many effects did not come again")
		}
	})
	for _, s := range scenarios() {
		var mine []*kill
		for _, k := range golden[s.name].kills() {
			number++
			if strings.Contains(k.name, *at) && (*whole || *at != "" || number%*every == today%*every) {
				mine = append(mine, k)
			}
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, k := range mine {
				met := survives(t, s, k)
				mu.Lock()
				played++
				if !met {
					unmet++
				}
				mu.Unlock()
			}
		})
	}
}

// survives plays a scenario with an operator that dies at a point, and returns whether it came to it.
func survives(t *testing.T, s *scenario, k *kill) (met bool) {
	t.Helper()
	var o outcome
	for range tries {
		o = play(t, s, []*kill{k}, nil)
		met = met || o.met > 0
		if o.wrong != "" {
			break
		}
		if o.stuck == "" && o.met > 0 {
			return true
		}
	}
	if o.failed() {
		keep(t, s, []*kill{k}, o)
		t.Errorf("killed %s: %s", k, o.String())
	}
	return met
}

func (o *outcome) failed() bool { return o.wrong != "" || o.stuck != "" }

func (o *outcome) String() string {
	switch {
	case o.wrong != "":
		return "wrong: " + o.wrong
	case o.stuck != "":
		return "stuck: " + o.stuck
	default:
		return "well"
	}
}

// keep keeps the log of a run that failed.
func keep(t *testing.T, s *scenario, kills []*kill, o outcome) {
	t.Helper()
	if *logs == "" {
		return
	}
	name := strings.NewReplacer(" ", "-", "/", "-", ":", "", "[", "", "]", "").Replace(fmt.Sprint(s.name, " ", kills))
	if err := os.WriteFile(filepath.Join(*logs, name+".log"), []byte(o.String()+"\n"+strings.Join(o.names, "\n")+"\n"+o.log), 0o600); err != nil {
		t.Error(err)
	}
}
