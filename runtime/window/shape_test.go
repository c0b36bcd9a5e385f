package window_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/window"
)

func TestShapeAt(t *testing.T) {
	tumble := window.Shape{SizeMicros: 10, StepMicros: 10, OffsetMicros: 3}
	hop := window.Shape{SizeMicros: 10, StepMicros: 2}
	uneven := window.Shape{SizeMicros: 10, StepMicros: 4, OffsetMicros: 1}
	gaps := window.Shape{SizeMicros: 3, StepMicros: 10}
	cumulate := window.Shape{SizeMicros: 10, StepMicros: 2, OffsetMicros: 4, Cumulate: true}
	cases := map[string]struct {
		shape window.Shape
		t     int64
		want  window.Run
		ok    bool
	}{
		"tumbling: one window":                   {tumble, 12, window.Run{From: 3, To: 13, First: 13, Last: 13}, true},
		"hopping: five":                          {hop, 5, window.Run{From: 4, To: 6, First: 6, Last: 14}, true},
		"hopping: on the bound":                  {hop, 6, window.Run{From: 6, To: 8, First: 8, Last: 16}, true},
		"hopping: before the epoch":              {hop, -1, window.Run{From: -2, To: 0, First: 0, Last: 8}, true},
		"a size that is no multiple: three":      {uneven, 1, window.Run{From: 1, To: 3, First: 3, Last: 11}, true},
		"a size that is no multiple: two":        {uneven, 3, window.Run{From: 3, To: 5, First: 7, Last: 11}, true},
		"a slide above the size":                 {gaps, 2, window.Run{From: 0, To: 3, First: 3, Last: 3}, true},
		"and the gap":                            {gaps, 3, window.Run{From: 3, To: 10, First: 13, Last: 3}, true},
		"the gap before the epoch":               {gaps, -1, window.Run{From: -7, To: 0, First: 3, Last: -7}, true},
		"cumulating: all":                        {cumulate, 4, window.Run{From: 4, To: 6, First: 6, Last: 14}, true},
		"cumulating: the longest only":           {cumulate, 13, window.Run{From: 12, To: 14, First: 14, Last: 14}, true},
		"cumulating: before the epoch":           {cumulate, -7, window.Run{From: -8, To: -6, First: -6, Last: -6}, true},
		"a last window above the range":          {hop, math.MaxInt64 - 9, window.Run{}, false},
		"a first window that begins before time": {hop, math.MinInt64 + 7, window.Run{}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got, ok := c.shape.At(c.t); got != c.want || ok != c.ok {
				t.Errorf("got %+v %t, want %+v %t", got, ok, c.want, c.ok)
			}
		})
	}
}

// bounds lists the windows of a shape that hold t and end after w, by trying all that begin near it.
func bounds(s window.Shape, t, w int64) (list [][2]int64) {
	for start := int64(-200); start < 200; start++ {
		period := s.StepMicros
		if s.Cumulate {
			period = s.SizeMicros
		}
		if (start-s.OffsetMicros)%period != 0 || start > t {
			continue
		}
		sizes := []int64{s.SizeMicros}
		if s.Cumulate {
			sizes = sizes[:0]
			for size := s.StepMicros; size <= s.SizeMicros; size += s.StepMicros {
				sizes = append(sizes, size)
			}
		}
		for _, size := range sizes {
			if t < start+size && w < start+size {
				list = append(list, [2]int64{start, start + size})
			}
		}
	}
	return list
}

// Whatever the shape: a run's windows are all that hold the time and end after the watermark, and are those of each time
// of its slice.
func TestShapeAgainstTrial(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for range 3000 {
		s := randomShape(rng)
		if !s.Valid() {
			t.Fatalf("%+v is not valid", s)
		}
		at, w := rng.Int64N(80)-40, rng.Int64N(100)-50
		r, ok := s.At(at)
		if !ok || at < r.From || at >= r.To {
			t.Fatalf("%+v at %d: %+v %t", s, at, r, ok)
		}
		if same, _ := s.At(r.To - 1); same != r {
			t.Fatalf("%+v: %d and %d of one slice have %+v and %+v", s, at, r.To-1, r, same)
		}
		if other, _ := s.At(r.To); other.First == r.First && other.Last == r.Last {
			t.Fatalf("%+v: the slice of %+v ends too early", s, r)
		}
		var got [][2]int64
		left, ok := r.After(w, s.StepMicros)
		for end := left.First; ok && end <= left.Last; end += s.StepMicros {
			got = append(got, [2]int64{s.Start(left, end), end})
		}
		if want := bounds(s, at, w); !slices.Equal(got, want) || ok != (len(want) > 0) {
			t.Fatalf("%+v at %d after %d: got %v, want %v", s, at, w, got, want)
		}
	}
}

func randomShape(rng *rand.Rand) window.Shape {
	s := window.Shape{SizeMicros: 1 + rng.Int64N(12), StepMicros: 1 + rng.Int64N(12), Cumulate: rng.IntN(3) == 0}
	period := s.StepMicros
	if s.Cumulate {
		s.SizeMicros = s.StepMicros * (1 + rng.Int64N(6))
		period = s.SizeMicros
	}
	s.OffsetMicros = rng.Int64N(period)
	return s
}

func TestInvalidShapes(t *testing.T) {
	for _, s := range []window.Shape{
		{},
		{SizeMicros: 10},
		{StepMicros: 10},
		{SizeMicros: 10, StepMicros: 2, OffsetMicros: 2},
		{SizeMicros: 10, StepMicros: 2, OffsetMicros: -1},
		{SizeMicros: 10, StepMicros: 3, Cumulate: true},
		{SizeMicros: 10, StepMicros: 2, OffsetMicros: 10, Cumulate: true},
	} {
		if s.Valid() {
			t.Errorf("%+v is valid", s)
		}
	}
}
