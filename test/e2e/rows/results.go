package rows

import (
	"fmt"
	"slices"
	"strings"
)

// Results is what did come out.
type Results struct {
	sums map[Group][]Sum
}

// Add notes a record of the output.
func (r *Results) Add(g Group, s Sum) {
	if r.sums == nil {
		r.sums = map[Group][]Sum{}
	}
	r.sums[g] = append(r.sums[g], s)
}

// Without forgets a sensor, here and in what is expected.
func (r *Results) Without(sensor string, e *Expected) {
	for g := range r.sums {
		if g.Sensor == sensor {
			delete(r.sums, g)
		}
	}
	for g := range e.Sums {
		if g.Sensor == sensor {
			delete(e.Sums, g)
		}
	}
}

// Missing counts the groups that have not come out.
func (r *Results) Missing(e Expected) int {
	missing := 0
	for g := range e.Sums {
		if len(r.sums[g]) == 0 {
			missing++
		}
	}
	return missing
}

// Differences says, sorted, what did not come out, came out more than once, with another sum, or should not have.
func (r *Results) Differences(e Expected) []string {
	var list []string
	add := func(g Group, format string, args ...any) {
		list = append(list, fmt.Sprintf("%s: %s", g, fmt.Sprintf(format, args...)))
	}
	for g, want := range e.Sums {
		got := r.sums[g]
		switch {
		case len(got) == 0:
			add(g, "missing, should be %s", want)
		case len(got) > 1:
			add(g, "%d times, should be once: %s; came out as %v", len(got), want, got)
		case got[0] != want:
			add(g, "came out as %s, should be %s", got[0], want)
		}
	}
	for g, got := range r.sums {
		if _, ok := e.Sums[g]; !ok {
			add(g, "came out as %v, though no such window has ended", got)
		}
	}
	slices.SortFunc(list, strings.Compare)
	return list
}
