package worker

import (
	"testing"
	"time"
)

func TestATasksTimeIsDividedUpAndNothingOfItIsLost(t *testing.T) {
	const whole = 100 * time.Millisecond
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	cases := map[string]struct {
		waited, busy time.Duration
		held, behind bool
		want         spending
	}{
		"nothing to do":                         {0, 0, false, false, spending{idle: whole}},
		"busy":                                  {0, whole, false, true, spending{busy: whole}},
		"at times busy":                         {0, ms(30), false, false, spending{busy: ms(30), idle: ms(70)}},
		"with input at hand, while others work": {0, ms(30), false, true, spending{busy: ms(30), idle: ms(70)}},
		"with input at hand, while the broker lags": {ms(60), ms(30), false, true, spending{busy: ms(30), backpressure: ms(60), idle: ms(10)}},
		"with nothing to read, while it lags":       {ms(60), ms(30), false, false, spending{busy: ms(30), idle: ms(70)}},
		"held":                                      {ms(60), 0, true, true, spending{held: whole}},
		"held, with a part in a commit":             {ms(60), ms(10), true, false, spending{busy: ms(10), held: ms(90)}},
		"clocks that differ a little":               {ms(80), ms(30), false, true, spending{busy: ms(30), backpressure: ms(70)}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var s spending
			s.spend(lapse{whole: whole, waited: c.waited}, c.busy, c.held, c.behind)
			if s != c.want {
				t.Errorf("got %+v, want %+v", s, c.want)
			}
			if sum := s.busy + s.backpressure + s.idle + s.held; sum != whole {
				t.Errorf("%+v makes %v of %v", s, sum, whole)
			}
		})
	}
}
