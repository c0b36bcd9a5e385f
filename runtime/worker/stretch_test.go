package worker

import (
	"testing"
	"time"
)

func TestCommitsAreAsFarApartAsTheirMarkersAsk(t *testing.T) {
	cases := map[string]struct {
		most      float64
		touched   int
		tasks, of int
		want      time.Duration
	}{
		"a worker that has all tasks has the whole bound":     {10_000, 100, 8, 8, 10 * time.Millisecond},
		"one of eight has an eighth of it":                    {10_000, 100, 8, 64, 80 * time.Millisecond},
		"many workers over many partitions are far apart":     {10_000, 1300, 36, 2304, 5 * time.Second},
		"more brokers take more":                              {120_000, 1300, 36, 2304, 693333333},
		"a transaction does not outlive its time":             {1, 1000, 1, 1000, longestStretch},
		"a worker without tasks commits nothing":              {10_000, 100, 0, 64, 0},
		"partitions that are added count a worker whole":      {10_000, 100, 9, 8, 10 * time.Millisecond},
		"before the first commit nothing is known":            {10_000, 0, 8, 8, 0},
		"without transactions there is no bound, and nothing": {0, 100, 8, 8, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := stretch{most: c.most}
			s.took(c.touched)
			if got := s.least(c.tasks, c.of); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestTheMarkersOfAllWorkersStayBelowTheBound: whatever tasks and partitions each has, as long as no transaction would outlive its time.
func TestTheMarkersOfAllWorkersStayBelowTheBound(t *testing.T) {
	const most = 5000
	workers := []struct{ tasks, touched int }{{40, 700}, {8, 650}, {1, 90}, {15, 12}, {36, 300}}
	of := 0
	for _, w := range workers {
		of += w.tasks
	}
	sum := 0.0
	for _, w := range workers {
		s := stretch{most: most}
		s.took(w.touched)
		sum += float64(w.touched) / s.least(w.tasks, of).Seconds()
	}
	if sum > most*1.001 {
		t.Errorf("%.0f markers a second, and the bound is %d", sum, most)
	}
}

func TestPartitionsOfACommitAreSmoothed(t *testing.T) {
	s := stretch{most: 1000}
	s.took(100)
	s.took(500)
	if s.touched <= 100 || s.touched >= 500 {
		t.Errorf("100 and then 500 partitions come to %v", s.touched)
	}
}
