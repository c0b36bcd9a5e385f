package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/millrace/millrace/bench/chart"
)

// Growth is how Millrace's cost changes with one thing that grows.
type Growth struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Date    string  `json:"date"`
	Machine string  `json:"machine"`
	Points  []Point `json:"points"`
}

// Point is one run of it. Events per CPU-second are the whole run's.
type Point struct {
	Query              string  `json:"query"`
	Step               int64   `json:"step"`
	EventsPerCPUSecond float64 `json:"events_per_cpu_second"`
	PeakRSSBytes       int64   `json:"peak_rss_bytes"`
	OutputRows         int64   `json:"output_rows"`
}

// Grow puts a growth in the place of the one of its name.
func (r *Report) Grow(g Growth) {
	r.Growths = append(slices.DeleteFunc(r.Growths, func(old Growth) bool { return old.Name == g.Name }), g)
}

// steps are those of the points, each once.
func (g Growth) steps() []string {
	return distinct(g.Points, func(p Point) string { return step(p.Step) })
}

func (g Growth) queries() []string {
	return distinct(g.Points, func(p Point) string { return p.Query })
}

func (g Growth) at(query, label string) Point {
	for _, p := range g.Points {
		if p.Query == query && step(p.Step) == label {
			return p
		}
	}
	return Point{}
}

func step(n int64) string {
	const thousand, million = 1000, 1_000_000
	switch {
	case n >= million && n%million == 0:
		return fmt.Sprintf("%d M", n/million)
	case n >= 10*thousand && n%thousand == 0:
		return fmt.Sprintf("%d k", n/thousand)
	}
	return strconv.FormatInt(n, 10)
}

// draw draws the growth.
func (g Growth) draw(folder string) error {
	lines := chart.Lines{Title: "Events per CPU-second by " + g.Title, Steps: g.steps(), Label: count}
	for _, q := range g.queries() {
		s := chart.Series{Name: q}
		for _, label := range lines.Steps {
			s.Values = append(s.Values, g.at(q, label).EventsPerCPUSecond)
		}
		lines.Series = append(lines.Series, s)
	}
	return os.WriteFile(filepath.Join(folder, "scale-"+g.Name+".svg"), lines.SVG(), 0o644) //nolint:gosec // it is committed
}

// growths are the tables of RESULTS.md.
func (r *Report) growths(p func(string, ...any)) {
	if len(r.Growths) == 0 {
		return
	}
	p("\n## How cost grows\n\nWritten by `make bench-scale`: Millrace alone, whole runs, events per CPU-second and peak memory.\n")
	for _, g := range r.Growths {
		p("\n![by %s](charts/scale-%s.svg)\n\n%s (%s):\n\n| %s |", g.Title, g.Name, g.Machine, g.Date, g.Title)
		for _, q := range g.queries() {
			p(" %s |", q)
		}
		p("\n|--:|")
		for range g.queries() {
			p("--:|")
		}
		for _, label := range g.steps() {
			p("\n| %s |", label)
			for _, q := range g.queries() {
				x := g.at(q, label)
				p(" %s, %s |", count(x.EventsPerCPUSecond), mebibytes(x.PeakRSSBytes))
			}
		}
		p("\n")
	}
}
