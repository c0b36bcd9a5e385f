package launch

import (
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/cmd/millrace/progress"
	"github.com/millrace/millrace/runtime/control"
)

// look is the state of the run for the display.
func (r *run) look() progress.State {
	s := progress.State{Phase: "running", Fed: -1, RowsIn: r.rows().In}
	if len(r.feeds) > 0 {
		s.Fed = 0
		for _, f := range r.feeds {
			s.Fed += f.Fraction() / float64(len(r.feeds))
			s.Lag += f.Rows()
		}
		s.Lag = max(0, s.Lag-r.rows().RecordsIn)
	} else {
		for _, w := range r.workers {
			s.Lag += w.Snapshot().LagRecords
		}
	}
	for _, c := range r.collectors {
		s.RowsOut += c.Rows()
	}
	return s
}

// rows sums what the source tasks of all workers have done: each input row counts once, however many stages it crosses.
func (r *run) rows() (sum control.Rows) {
	for _, w := range r.workers {
		for _, t := range w.Snapshot().Tasks {
			if t.Source {
				sum = sum.Plus(t.Rows)
			}
		}
	}
	return sum
}

// summary says what the run did.
func (r *run) summary() {
	elapsed := time.Since(r.began)
	rows := r.rows()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s: done in %.1f s\n", r.job.name, elapsed.Seconds())
	line := func(what, value, note string) { fmt.Fprintf(&b, "  %-10s %12s  %s\n", what, value, note) }
	line("rows in", progress.Count(rows.In), progress.Count(int64(float64(rows.In)/max(elapsed.Seconds(), 1e-3)))+" rows/s")
	for _, c := range r.collectors {
		note := c.Topic()
		if first := c.First(); !first.IsZero() {
			note += fmt.Sprintf(", the first after %.1f s", first.Sub(r.began).Seconds())
		}
		line("rows out", progress.Count(c.Rows()), note)
	}
	line("late rows", progress.Count(rows.Late), "dropped: their windows had fired")
	if rows.Bad > 0 {
		line("bad rows", progress.Count(rows.Bad), "skipped, as badRows says")
	}
	_, _ = fmt.Fprint(r.options.Stderr, b.String()) // a summary that can't be shown is no reason to fail
}
