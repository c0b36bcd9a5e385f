package sim

import (
	"testing"

	"github.com/millrace/millrace/runtime/spec"
)

// What is doubled or wrong is never the embedded broker's doing, whatever else is missing; and all rows can be there while windows are missing.
func TestOnlyWhatIsMissingCanBeTheBrokersDoing(t *testing.T) {
	w := newWorkload(1)
	whole := func() *output {
		o := &output{copies: map[int64]int{}, counts: map[string][]int64{}}
		for id := int64(1); id <= int64(w.total); id++ {
			o.copies[id] = 1
		}
		for window, n := range w.counts {
			o.counts[window] = []int64{n}
		}
		return o
	}
	some := func() string {
		for window := range w.counts {
			return window
		}
		t.Fatal("no windows")
		return ""
	}()
	for name, c := range map[string]struct {
		change     func(o *output)
		unfinished bool
	}{
		"all is there":                        {func(*output) {}, false},
		"a row is missing":                    {func(o *output) { delete(o.copies, 1) }, true},
		"a window is missing":                 {func(o *output) { delete(o.counts, some) }, true},
		"a row is missing, one is doubled":    {func(o *output) { delete(o.copies, 1); o.copies[2] = 2 }, false},
		"a row is missing, a window is wrong": {func(o *output) { delete(o.copies, 1); o.counts[some] = []int64{99} }, false},
		"a row is missing, a window is twice": {func(o *output) { delete(o.copies, 1); o.counts[some] = append(o.counts[some], o.counts[some][0]) }, false},
		"a row is missing, a window is new":   {func(o *output) { delete(o.copies, 1); o.counts["x"] = []int64{1} }, false},
	} {
		o := whole()
		c.change(o)
		if got := w.unfinished(spec.ExactlyOnce, o); got != c.unfinished {
			t.Errorf("%s: %v", name, got)
		}
		if w.unfinished(spec.AtMostOnce, o) {
			t.Errorf("%s: at most once", name)
		}
	}
}
