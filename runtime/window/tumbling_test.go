package window_test

import (
	"math"
	"testing"

	"github.com/millrace/millrace/runtime/window"
)

func TestTumblingAt(t *testing.T) {
	type result struct {
		start, end int64
		ok         bool
	}
	cases := map[string]struct {
		window window.Tumbling
		t      int64
		want   result
	}{
		"a window holds its start":     {window.Tumbling{SizeMicros: 10}, 10, result{10, 20, true}},
		"and not its end":              {window.Tumbling{SizeMicros: 10}, 19, result{10, 20, true}},
		"the epoch":                    {window.Tumbling{SizeMicros: 10}, 0, result{0, 10, true}},
		"before the epoch":             {window.Tumbling{SizeMicros: 10}, -1, result{-10, 0, true}},
		"on a bound before the epoch":  {window.Tumbling{SizeMicros: 10}, -10, result{-10, 0, true}},
		"an offset":                    {window.Tumbling{SizeMicros: 10, OffsetMicros: 3}, 12, result{3, 13, true}},
		"an offset, on the bound":      {window.Tumbling{SizeMicros: 10, OffsetMicros: 3}, 13, result{13, 23, true}},
		"an offset, below it":          {window.Tumbling{SizeMicros: 10, OffsetMicros: 3}, 2, result{-7, 3, true}},
		"an offset before the epoch":   {window.Tumbling{SizeMicros: 10, OffsetMicros: 3}, -8, result{-17, -7, true}},
		"the first whole window":       {window.Tumbling{SizeMicros: 1 << 62}, math.MinInt64, result{math.MinInt64, -(1 << 62), true}},
		"a start below the range":      {window.Tumbling{SizeMicros: 10}, math.MinInt64, result{}},
		"an end above the range":       {window.Tumbling{SizeMicros: 10}, math.MaxInt64, result{}},
		"a huge window with an offset": {window.Tumbling{SizeMicros: math.MaxInt64, OffsetMicros: math.MaxInt64 - 1}, math.MinInt64, result{math.MinInt64, -1, true}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			start, end, ok := c.window.At(c.t)
			if got := (result{start, end, ok}); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
