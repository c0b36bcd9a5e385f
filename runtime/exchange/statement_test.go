package exchange_test

import (
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/watermark"
)

// TestWhenWatermarksAreStated follows one lane with a window grid of 100 and two partitions; rows go to partition 0.
func TestWhenWatermarksAreStated(t *testing.T) {
	at := func(ms int) time.Time { return time.Unix(100, 0).Add(time.Duration(ms) * time.Millisecond) }
	row := &batch.Batch{Length: 1}
	row.Reset([]types.Kind{types.BigInt})
	row.Columns[0].AppendInt64(7)
	row.Length = 1
	type step func(w *exchange.Writer, l *exchange.Lane) error
	advance := func(to types.Watermark, idle bool) step {
		return func(_ *exchange.Writer, l *exchange.Lane) error { return l.Advance(to, idle) }
	}
	tick := func(ms int) step {
		return func(_ *exchange.Writer, l *exchange.Lane) error { l.Tick(at(ms)); return nil }
	}
	push := func(_ *exchange.Writer, l *exchange.Lane) error { return l.Push(row) }
	seal := func(_ *exchange.Writer, l *exchange.Lane) error { return l.Seal() }
	back := func(to types.Watermark) step {
		return func(_ *exchange.Writer, l *exchange.Lane) error { l.Restore(to, false); return nil }
	}
	cut := func(to int64) step {
		return func(_ *exchange.Writer, l *exchange.Lane) error { l.Cut(to); return nil }
	}
	first := []step{advance(10, false), seal}
	cases := map[string]struct {
		steps      []step
		zero, one  []string
		thenIsSaid bool // Pending after the steps
	}{
		"nothing known is not stated":            {[]step{seal}, nil, nil, false},
		"the first watermark goes to all":        {first, []string{"0 0@10"}, []string{"0 0@10"}, false},
		"rows carry the watermark":               {append(first[:2:2], push, advance(20, false), seal), []string{"0 0@10", "1 0@20"}, []string{"0 0@10"}, false},
		"a small move alone waits":               {append(first[:2:2], advance(20, false), seal), []string{"0 0@10"}, []string{"0 0@10"}, false},
		"a window boundary is stated at once":    {append(first[:2:2], advance(100, false), seal), []string{"0 0@10", "0 0@100"}, []string{"0 0@10", "0 0@100"}, false},
		"a small move is due after a while":      {append(first[:2:2], tick(0), seal, advance(20, false), tick(200)), []string{"0 0@10"}, []string{"0 0@10"}, true},
		"and is stated then":                     {append(first[:2:2], tick(0), seal, advance(20, false), tick(200), seal), []string{"0 0@10", "0 0@20"}, []string{"0 0@10", "0 0@20"}, false},
		"idle is stated at once":                 {append(first[:2:2], advance(10, true), seal), []string{"0 0@10", "0 0@10 idle"}, []string{"0 0@10", "0 0@10 idle"}, false},
		"rows of before come with the claim":     {append(first[:2:2], push, advance(200, false), seal), []string{"0 0@10", "1 0@200"}, []string{"0 0@10", "0 0@200"}, false},
		"after an abort all is stated anew":      {append(first[:2:2], push, advance(200, false), seal, back(10), seal), []string{"0 0@10", "1 0@200", "0 0@10"}, []string{"0 0@10", "0 0@200", "0 0@10"}, false},
		"an abort drops the rows that wait":      {append(first[:2:2], push, back(10), seal), []string{"0 0@10", "0 0@10"}, []string{"0 0@10", "0 0@10"}, false},
		"a cut is stated at once":                {append(first[:2:2], push, cut(4), seal), []string{"0 0@10", "1 0@10 cut 4"}, []string{"0 0@10", "0 0@10 cut 4"}, false},
		"that it is over is not":                 {append(first[:2:2], cut(4), seal, cut(0), seal), []string{"0 0@10", "0 0@10 cut 4"}, []string{"0 0@10", "0 0@10 cut 4"}, false},
		"and comes with the next rows":           {append(first[:2:2], cut(4), seal, cut(0), push, seal), []string{"0 0@10", "0 0@10 cut 4", "1 0@10"}, []string{"0 0@10", "0 0@10 cut 4"}, false},
		"an abort takes a cut back":              {append(first[:2:2], cut(4), back(10), seal), []string{"0 0@10", "0 0@10"}, []string{"0 0@10", "0 0@10"}, false},
		"the end of the input is stated at once": {append(first[:2:2], advance(types.EndOfInput, false)), []string{"0 0@10"}, []string{"0 0@10"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			out := sent{}
			w, l := writer(t, exchange.Config{Topic: "x", Partitions: 2, Kinds: []types.Kind{types.BigInt}, BoundaryMicros: 100, WindowEnd: -1}, out)
			for _, s := range c.steps {
				if err := s(w, l); err != nil {
					t.Fatal(err)
				}
			}
			if got := marksOf(t, out, 0); !slices.Equal(got, c.zero) {
				t.Errorf("partition 0 got %q, want %q", got, c.zero)
			}
			if got := marksOf(t, out, 1); !slices.Equal(got, c.one) {
				t.Errorf("partition 1 got %q, want %q", got, c.one)
			}
			if w.Pending() != c.thenIsSaid {
				t.Errorf("pending %v", w.Pending())
			}
		})
	}
}

// TestMarksSayWhoseTheyAre follows a lane through the record, where former owners are not fenced.
func TestMarksSayWhoseTheyAre(t *testing.T) {
	out := sent{}
	w, l := writer(t, exchange.Config{Topic: "x", Partitions: 1, Kinds: []types.Kind{types.BigInt}, WindowEnd: -1}, out)
	l.Own(1 << 40)
	l.Restore(7, true)
	for _, err := range []error{l.Advance(9, true), l.Advance(10, false), w.Flush()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var h exchange.Header
	var b batch.Batch
	if err := exchange.NewReader([]types.Kind{types.BigInt}).Decode(out[0][0], &h, &b); err != nil {
		t.Fatal(err)
	}
	if want := (watermark.Mark{Watermark: 10, Owner: 1 << 40}); len(h.Marks) != 1 || h.Marks[0] != want {
		t.Errorf("got %+v, want %+v", h.Marks, want)
	}
}
