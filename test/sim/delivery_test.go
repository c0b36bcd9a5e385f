package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/spec"
)

// deliveryOneIn of the seeds deliver at least once, and as many at most once.
const deliveryOneIn = 5

// deliveryOf is a seed's delivery.
func deliveryOf(seed uint64) spec.Delivery {
	switch roll(seed, "delivery").IntN(deliveryOneIn) {
	case 0:
		return spec.AtLeastOnce
	case 1:
		return spec.AtMostOnce
	}
	return spec.ExactlyOnce
}

// quiet says how long nothing may come before the output counts as all there is. With rows that may be missing nobody
// knows what there is to come: then it is longer than a worker hangs, is thrown out, and is replaced.
func (w *workload) quiet(d spec.Delivery) func(*output) time.Duration {
	const (
		short = 5 * time.Second
		long  = 25 * time.Second
		never = time.Hour
	)
	return func(o *output) time.Duration {
		switch {
		case d == spec.AtLeastOnce && (len(o.copies) < w.total || len(o.counts) < len(w.counts)):
			return never
		case d == spec.AtLeastOnce, o.rows >= w.total+len(w.counts):
			return short
		case d == spec.AtMostOnce:
			return long
		}
		return never
	}
}

// judge is empty when the output is what the delivery promises.
func (w *workload) judge(d spec.Delivery, o *output) string {
	switch d {
	case spec.AtLeastOnce:
		return w.judgeBounds(o, true)
	case spec.AtMostOnce:
		return w.judgeBounds(o, false)
	default:
		return w.verdict(o)
	}
}

// judgeBounds holds the output to what is a lower bound for at least once, and an upper bound otherwise. Of windows that is so
// for every result: a row that is counted again is in each later one.
func (w *workload) judgeBounds(o *output, least bool) string {
	wrong, example := 0, ""
	note := func(format string, args ...any) {
		wrong++
		example = fmt.Sprintf(format, args...)
	}
	breaks := func(got, want int64) bool { return least && got < want || !least && got > want }
	for id := int64(1); id <= int64(w.total); id++ {
		if n := o.copies[id]; breaks(int64(n), 1) {
			note("row %d is there %d times", id, n)
		}
	}
	for window, n := range w.counts {
		got := o.counts[window]
		if breaks(int64(len(got)), 1) {
			note("window %s has %d results", window, len(got))
		}
		for _, g := range got {
			if breaks(g, n) {
				note("window %s: %v for %d", window, got, n)
			}
		}
	}
	for window, got := range o.counts {
		if _, ok := w.counts[window]; !ok {
			note("window %s: %v, and nobody asked for it", window, got)
		}
	}
	if wrong == 0 {
		return ""
	}
	return fmt.Sprintf("%d wrong, such as: %s", wrong, example)
}

// doubled counts copies beyond the first.
func (o *output) doubled() (n int) {
	for _, copies := range o.copies {
		n += copies - 1
	}
	return n
}

// tally is what the seeds of a delivery have come to.
type tally struct{ seeds, fed, copied, doubled int }

// tallies are those of the weaker deliveries.
type tallies struct{ least, most tally }

func (x *tallies) add(d spec.Delivery, o outcome) {
	to := &tally{}
	switch d {
	case spec.AtLeastOnce:
		to = &x.least
	case spec.AtMostOnce:
		to = &x.most
	default:
	}
	to.seeds, to.fed, to.copied, to.doubled = to.seeds+1, to.fed+o.fed, to.copied+o.copied, to.doubled+o.doubled
}

// judge wants to have seen what the weaker deliveries allow: where nothing is ever doubled or lost, nothing was tried. And
// what is lost must be little: the rows of a commit.
func (x *tallies) judge(t *testing.T) {
	t.Helper()
	lost := x.most.fed - x.most.copied
	t.Logf("at least once: %d seeds, %d of %d rows doubled; at most once: %d seeds, %d of %d rows lost",
		x.least.seeds, x.least.doubled, x.least.fed, x.most.seeds, lost, x.most.fed)
	const enough = 20
	if x.least.seeds >= enough && x.least.doubled == 0 {
		t.Error("at least once: nothing is doubled")
	}
	if x.most.seeds >= enough && (lost == 0 || lost > x.most.fed/5) {
		t.Errorf("at most once: %d of %d rows are lost", lost, x.most.fed)
	}
}
