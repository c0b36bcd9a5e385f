package killpoints

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const goldenFile = "killpoints.golden.txt"

// often is how often an effect comes in a scenario.
type often struct {
	times int
	// more says that it may come more often: what is said of pods and rows depends on when they are looked at.
	more bool
}

// effects are those of a scenario, by name.
type effects map[string]often

// count counts names over several runs of a scenario.
func count(runs [][]string) effects {
	e := effects{}
	for i, names := range runs {
		here := map[string]int{}
		for _, name := range names {
			here[name]++
		}
		for name, n := range here {
			o, known := e[name]
			switch {
			case !known && i == 0:
				o.times = n
			case !known: // not in the runs before
				o = often{0, true}
			default:
				o = often{min(o.times, n), o.more || o.times != n}
			}
			o.more = o.more || varies(name)
			e[name] = o
		}
		for name, o := range e {
			if here[name] == 0 {
				e[name] = often{0, true}
			} else {
				e[name] = o
			}
		}
	}
	return e
}

// varies says of a name that how often it comes is a matter of when the operator looks.
func varies(name string) bool {
	return strings.HasPrefix(name, "status ") || strings.HasPrefix(name, "event ")
}

// points is the number of kill points.
func (e effects) points() (n int) {
	for _, o := range e {
		n += 2 * o.times
	}
	return n
}

// kills lists the kill points, in the order of their names.
func (e effects) kills() (list []*kill) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		for n := range e[name].times {
			list = append(list, &kill{name, n + 1, before}, &kill{name, n + 1, after})
		}
	}
	return list
}

// differs says what a run has that the golden file does not, or lacks.
func (e effects) differs(names []string) (list []string) {
	here := map[string]int{}
	for _, name := range names {
		here[name]++
	}
	for _, name := range slices.Sorted(maps.Keys(here)) {
		switch o, known := e[name]; {
		case !known:
			list = append(list, "has no kill point: "+name)
		case here[name] > o.times && !o.more:
			list = append(list, fmt.Sprintf("comes %d times, not %d: %s", here[name], o.times, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if o := e[name]; here[name] < o.times {
			list = append(list, fmt.Sprintf("comes %d times, not %d: %s", here[name], o.times, name))
		}
	}
	return list
}

// readGolden reads the effects of all scenarios.
func readGolden(t *testing.T) map[string]effects {
	t.Helper()
	file, err := os.Open(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	golden, at := map[string]effects{}, ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == "", line[0] == '#':
			continue
		case line[0] == '[':
			at = line[1:strings.IndexByte(line, ']')]
			golden[at] = effects{}
			continue
		}
		number, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		digits, more := strings.CutSuffix(number, "+")
		times, err := strconv.Atoi(digits)
		if !ok || err != nil {
			t.Fatalf("%s: %q", goldenFile, line)
		}
		golden[at][strings.TrimSpace(name)] = often{times, more}
	}
	return golden
}

func writeGolden(t *testing.T, golden map[string]effects) {
	t.Helper()
	var b strings.Builder
	total := 0
	for _, e := range golden {
		total += e.points()
	}
	fmt.Fprintf(&b, "# The outside effects of the operator, by scenario, and how often each comes; + is at least. Written by\n"+
		"#   go test ./test/killpoints -run TestEachEffectHasAKillPoint -args -rewrite\n"+
		"# %d kill points: the operator dies before and after each of them.\n", total)
	for _, s := range slices.Sorted(maps.Keys(golden)) {
		fmt.Fprintf(&b, "\n[%s] %d kill points\n", s, golden[s].points())
		for _, name := range slices.Sorted(maps.Keys(golden[s])) {
			o := golden[s][name]
			number := strconv.Itoa(o.times)
			if o.more {
				number += "+"
			}
			fmt.Fprintf(&b, "%4s %s\n", number, name)
		}
	}
	if err := os.WriteFile(goldenFile, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
