package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Plan is a list of faults in the order of their times.
type Plan []Fault

// mostFaults bounds what a file can ask for.
const mostFaults = 100_000

// String returns the plan's text.
func (p Plan) String() string {
	var b strings.Builder
	for _, f := range p {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// Parse reads a plan. Empty lines and what follows a # count for nothing.
func Parse(text string) (Plan, error) {
	var p Plan
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		f, err := parseFault(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if len(p) == mostFaults {
			return nil, fmt.Errorf("line %d: more than %d faults", n, mostFaults)
		}
		p = append(p, f)
	}
	slices.SortStableFunc(p, func(a, b Fault) int { return int(a.At - b.At) })
	return p, nil
}

// Workers is the most that the plan ever has; it begins with one.
func (p Plan) Workers() int {
	most := 1
	for _, f := range p {
		most = max(most, f.Workers, f.Worker+1)
	}
	return most
}

// Count says how many faults of each kind there are, such as "kill 3, proxy cut 1".
func (p Plan) Count() string {
	var parts []string
	for _, k := range kinds() {
		n := 0
		for _, f := range p {
			if f.Kind == k.Kind {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", k.Kind, n))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Until returns the faults that begin before the time.
func (p Plan) Until(at time.Duration) Plan {
	n, _ := slices.BinarySearchFunc(p, at, func(f Fault, at time.Duration) int { return int(f.At - at) })
	return p[:n]
}
