package main

import (
	"fmt"
	"strings"
	"testing"
)

// right writes the output that a workload must have.
func right(w *workload, l *ledger) {
	for id := int64(1); id <= w.rows; id++ {
		l.add(copyTopic, fmt.Appendf(nil, `{"k":"k1","id":%d}`, id))
	}
	for at, n := range w.counts {
		l.add(countsTopic, count(at, n))
	}
}

func count(at window, n int64) []byte {
	return fmt.Appendf(nil, `{"k":"%s","window_start":%d,"n":%d}`, keyName(at.key), at.millis, n)
}

func TestWhatDiffersIsFound(t *testing.T) {
	first := func(w *workload) (window, int64) {
		for at, n := range w.counts {
			return at, n
		}
		return window{}, 0
	}
	for name, c := range map[string]struct {
		spoil func(w *workload, l *ledger)
		want  string
	}{
		"nothing": {func(*workload, *ledger) {}, "0 lost, 0 doubled"},
		"a row that is lost": {
			func(_ *workload, l *ledger) { l.copies[17] = 0 }, "1 lost, 0 doubled",
		},
		"a row that is there three times": {
			func(_ *workload, l *ledger) { l.copies[17] = 3 }, "0 lost, 2 doubled",
		},
		"a window that fired again": {
			func(w *workload, l *ledger) { at, n := first(w); l.add(countsTopic, count(at, n)) }, "1 fired again",
		},
		"a window that did not fire": {
			func(w *workload, l *ledger) { at, _ := first(w); delete(l.counts, at) }, "1 missing",
		},
		"a window that has lost a row": {
			func(w *workload, l *ledger) { at, _ := first(w); w.counts[at]++ }, "1 with another count",
		},
		"a late row that was counted": {
			func(_ *workload, l *ledger) { l.add(countsTopic, count(window{1, 5000}, 1)) }, "1 rows that nobody expects",
		},
		"a row that was never fed": {
			func(_ *workload, l *ledger) { l.add(copyTopic, []byte(`{"id":5000}`)) }, "1 rows that nobody expects",
		},
		"something else": {
			func(_ *workload, l *ledger) { l.add(copyTopic, []byte(`{"k":"k1"}`)) }, "1 rows that nobody expects",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, l := newWorkload(1, 1000), newLedger()
			for range 1000 {
				w.next()
			}
			right(w, l)
			c.spoil(w, l)
			v := l.compare(w)
			if !strings.Contains(v.String(), c.want) || v.wrong() != (name != "nothing") || v.wrong() != (len(v.examples) > 0) {
				t.Errorf("%s, wrong: %t, %q; want %s", &v, v.wrong(), v.examples, c.want)
			}
		})
	}
}
