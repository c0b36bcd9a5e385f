package main

import "testing"

func TestWhatIsWorseThanTheBaseline(t *testing.T) {
	baseline := figures{Allocations: 0.05, BrokerBytes: 160, RowsPerBatch: 1000, Time: 1.5, Digest: "d"}
	for name, c := range map[string]struct {
		change func(*figures)
		want   int
	}{
		"the same":               {func(*figures) {}, 0},
		"better":                 {func(f *figures) { f.Allocations, f.BrokerBytes, f.RowsPerBatch, f.Time = 0, 1, 5000, 0.1 }, 0},
		"a busy machine":         {func(f *figures) { f.Allocations, f.BrokerBytes, f.RowsPerBatch, f.Time = 0.1, 165, 600, 2 }, 0},
		"an allocation a row":    {func(f *figures) { f.Allocations = 1.05 }, 1},
		"keys that nobody reads": {func(f *figures) { f.BrokerBytes = 210 }, 1},
		"small batches":          {func(f *figures) { f.RowsPerBatch = 300 }, 1},
		"slow":                   {func(f *figures) { f.Time = 4 }, 1},
		"another answer":         {func(f *figures) { f.Digest = "e" }, 1},
	} {
		f := baseline
		c.change(&f)
		if got := f.faults(baseline); len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
