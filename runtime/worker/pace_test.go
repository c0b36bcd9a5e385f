package worker

import (
	"testing"
	"time"
)

func TestWhenACommitIsDue(t *testing.T) {
	const longest, cost = 100 * time.Millisecond, 5 * time.Millisecond
	cases := map[string]struct {
		cost, since time.Duration
		caughtUp    bool
		want        bool
		least       time.Duration
	}{
		"a backlog waits for the longest interval":           {cost, 99 * time.Millisecond, false, false, 0},
		"a backlog is committed then":                        {cost, longest, false, true, 0},
		"what has caught up waits for its share of the time": {cost, 19 * time.Millisecond, true, false, 0},
		"what has caught up is committed early":              {cost, 20 * time.Millisecond, true, true, 0},
		"commits that cost nothing are bounded too":          {0, 9 * time.Millisecond, true, false, 0},
		"commits that cost nothing are early":                {0, 10 * time.Millisecond, true, true, 0},
		"a slow broker is not asked more often":              {time.Second, 99 * time.Millisecond, true, false, 0},
		"a slow broker is asked after the longest interval":  {time.Second, longest, true, true, 0},
		"markers keep what has caught up from being early":   {0, 39 * time.Millisecond, true, false, 40 * time.Millisecond},
		"and no longer than they must":                       {0, 40 * time.Millisecond, true, true, 40 * time.Millisecond},
		"markers stretch the longest interval":               {cost, 299 * time.Millisecond, false, false, 300 * time.Millisecond},
		"a stretched interval ends, too":                     {cost, 300 * time.Millisecond, false, true, 300 * time.Millisecond},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			began := time.Unix(1000, 0)
			p := pace{longest: longest, least: c.least, began: began, cost: c.cost}
			if got := p.due(began.Add(c.since), c.caughtUp); got != c.want {
				t.Errorf("due is %v", got)
			}
		})
	}
}

func TestTheFirstCommitIsDueAtOnce(t *testing.T) {
	p := pace{longest: time.Hour}
	if !p.due(time.Unix(1000, 0), false) {
		t.Error("it is not")
	}
}

func TestTheCostFollowsTheBroker(t *testing.T) {
	p := pace{longest: time.Second}
	now := time.Unix(1000, 0)
	for range 20 {
		p.took(now, now.Add(8*time.Millisecond))
	}
	if p.cost < 7*time.Millisecond || p.cost > 8*time.Millisecond {
		t.Errorf("twenty commits of 8 ms cost %v each", p.cost)
	}
	if p.took(now, now.Add(80*time.Millisecond)); p.cost > 30*time.Millisecond {
		t.Errorf("one slow commit makes the cost %v", p.cost)
	}
}

func TestAPollIsLongByTheIntervalOrByWhatCommitsTake(t *testing.T) {
	p := pace{longest: 100 * time.Millisecond}
	now := time.Unix(1000, 0)
	if !p.long(now) {
		t.Error("before the first commit it is not")
	}
	p.took(now, now.Add(time.Millisecond))
	if p.long(now.Add(100*time.Millisecond)) || !p.long(now.Add(101*time.Millisecond)) {
		t.Error("the interval does not count from the end of the last commit")
	}
	for range 20 {
		p.took(now, now.Add(time.Second))
	}
	if p.long(now.Add(1900*time.Millisecond)) || !p.long(now.Add(2*time.Second)) {
		t.Error("commits of a second take more than half of the time")
	}
}
