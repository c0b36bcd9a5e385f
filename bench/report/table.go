package report

import (
	"fmt"
	"slices"
	"strings"
)

// ours is the engine that the others are compared with.
const ours = "millrace"

// Markdown is RESULTS.md.
func (r *Report) Markdown() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Results\n\nWritten by the bench's commands; not by hand. [README.md](README.md) says what the figures mean.\n")
	r.comparison(p)
	r.latency(p)
	r.recovery(p)
	r.memories(p)
	r.deliveries(p)
	r.weights(p)
	r.growths(p)
	return b.String()
}

// comparison is the part that `make bench` writes.
func (r *Report) comparison(p func(string, ...any)) {
	if len(r.Results) == 0 {
		return
	}
	p("\n## Throughput and memory\n\nWritten by `%s`.\n\n", r.Command)
	p("- date: %s\n- machine: %s\n- settings: %s\n\n", r.Date, r.Machine, r.Settings)
	if slices.ContainsFunc(r.Results, func(x Result) bool { return x.Engine != ours }) {
		p("### Summary\n\n%s\n", r.Short())
	}
	p("### All figures\n\n![events per CPU-second](charts/cpu.svg) ![peak memory](charts/memory.svg)\n\n")
	p("| query | engine | events per CPU-s, warm half | lowest – highest | whole run | events/s, warm half | whole run | peak memory | first result | CPU | broker CPU | on the broker | output rows | digest | runs |\n")
	p("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|--:|\n")
	for _, x := range r.Results {
		if x.Runs == 0 {
			p("| %s | %s | failed: %s | | | | | | | | | | | | 0 |\n", x.Query, r.title(x.Engine), firstLine(x.Fault))
			continue
		}
		p("| %s | %s | %s | %s – %s | %s | %s | %s | %s | %.2f s | %.1f s | %.1f s | %s | %d | `%s` | %d |\n", x.Query, r.title(x.Engine),
			count(x.EventsPerCPUSecond), count(x.LowestPerCPUSecond), count(x.HighestPerCPUSecond), count(x.EventsPerCPUSecondWhole),
			count(x.EventsPerSecond), count(x.EventsPerSecondWhole), mebibytes(x.PeakRSSBytes), x.FirstResultSeconds, x.CPUSeconds,
			x.BrokerCPUSeconds, mebibytes(x.BrokerBytes), x.OutputRows, x.OutputDigest, x.Runs)
	}
	r.faults(p)
}

func (r *Report) faults(p func(string, ...any)) {
	said := false
	for _, x := range r.Results {
		if x.Fault == "" {
			continue
		}
		if !said {
			p("\n### What went wrong\n\n")
			said = true
		}
		p("- %s on %s: %s\n", r.title(x.Engine), x.Query, firstLine(x.Fault))
	}
}

func (r *Report) latency(p func(string, ...any)) {
	if len(r.Latency) == 0 {
		return
	}
	p("\n## Latency at a fixed rate, exactly once\n\nFrom the moment that a bid is made (for a window: from its end) to the moment that a read-committed consumer has the row.\n\n")
	p("| query | engine | commit interval | events/s | watermark | p50 | p99 | p99.9 | engine's cores | date |\n|---|---|--:|--:|--:|--:|--:|--:|--:|---|\n")
	for _, l := range r.Latency {
		p("| %s | %s | %d ms | %d | %d ms | %.0f ms | %.0f ms | %.0f ms | %.2f | %s |\n", l.Query, r.title(l.Engine), l.CommitIntervalMillis, l.EventsPerSecond,
			l.Millis, l.P50, l.P99, l.P999, l.Cores, l.Date)
	}
}

// Short is the table of the README: Millrace beside the best of the others.
func (r *Report) Short() string {
	var b strings.Builder
	engines := r.engines()
	fmt.Fprintf(&b, "Events per CPU-second of the engine, and its peak memory (%s; %s):\n\n| query |", r.Date, r.Machine)
	for _, e := range engines {
		fmt.Fprintf(&b, " %s |", r.title(e))
	}
	b.WriteString(" of the best other |\n|---|" + strings.Repeat("--:|", len(engines)+1) + "\n")
	for _, q := range r.queries() {
		fmt.Fprintf(&b, "| %s, %s |", q, r.Titles[q])
		best, mine := Result{}, Result{}
		for _, e := range engines {
			x, ok := r.find(q, e)
			if !ok || x.Runs == 0 {
				b.WriteString(" – |")
				continue
			}
			fmt.Fprintf(&b, " %s, %s |", count(x.EventsPerCPUSecond), mebibytes(x.PeakRSSBytes))
			if e == ours {
				mine = x
			} else if x.EventsPerCPUSecond > best.EventsPerCPUSecond {
				best = x
			}
		}
		if best.EventsPerCPUSecond == 0 || mine.EventsPerCPUSecond == 0 {
			b.WriteString(" – |\n")
			continue
		}
		fmt.Fprintf(&b, " %.1f × the events, 1/%.1f of the memory |\n", mine.EventsPerCPUSecond/best.EventsPerCPUSecond,
			float64(best.PeakRSSBytes)/float64(mine.PeakRSSBytes))
	}
	return b.String()
}

func (r *Report) find(query, engine string) (Result, bool) {
	for _, x := range r.Results {
		if x.Query == query && x.Engine == engine {
			return x, true
		}
	}
	return Result{}, false
}

func (r *Report) engines() []string {
	return distinct(r.Results, func(x Result) string { return x.Engine })
}

func (r *Report) queries() []string {
	return distinct(r.Results, func(x Result) string { return x.Query })
}

func distinct[T any](all []T, of func(T) string) []string {
	var names []string
	for _, x := range all {
		if !slices.Contains(names, of(x)) {
			names = append(names, of(x))
		}
	}
	return names
}

func (r *Report) title(name string) string {
	if t := r.Titles[name]; t != "" {
		return t
	}
	return name
}

// count writes a figure with three digits that say something.
func count(f float64) string {
	const thousand, million = 1e3, 1e6
	switch {
	case f >= million:
		return fmt.Sprintf("%.2f M", f/million)
	case f >= thousand:
		return fmt.Sprintf("%.0f k", f/thousand)
	}
	return fmt.Sprintf("%.0f", f)
}

func millis(f float64) string { return fmt.Sprintf("%.0f ms", f) }

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.ReplaceAll(line, "|", "/")
}
