package control_test

import (
	"slices"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/control"
)

func TestADurationCountsInTheFirstBucketThatHoldsIt(t *testing.T) {
	bounds := control.LatencyBounds()
	last := len(bounds)
	for name, c := range map[string]struct {
		d    time.Duration
		want int
	}{
		"a clock that went back": {-time.Second, 0},
		"none":                   {0, 0},
		"at a bound":             {time.Millisecond, 0},
		"beyond it":              {time.Millisecond + 1, 1},
		"at the last bound":      {time.Minute, last - 1},
		"beyond all":             {time.Hour, last},
	} {
		t.Run(name, func(t *testing.T) {
			var l, want control.Latency
			l.Add(c.d, 3)
			want.Buckets[c.want], want.Seconds = 3, 3*max(0, c.d).Seconds()
			if l != want || l.Count() != 3 {
				t.Errorf("got %+v, want %+v", l, want)
			}
		})
	}
	if !slices.IsSorted(bounds[:]) {
		t.Errorf("bounds are out of order: %v", bounds)
	}
}
