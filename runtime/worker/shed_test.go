package worker

import (
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

func TestASourceSkipsAheadToHalfOfWhatItMayBeBehind(t *testing.T) {
	cases := map[string]struct {
		position, end, most, to int64
		far                     bool
	}{
		"at its end":                            {100, 100, 10, 100, false},
		"as far behind as it may be":            {90, 100, 10, 90, false},
		"one further":                           {89, 100, 10, 95, true},
		"far behind":                            {0, 1_000_000, 10, 999_995, true},
		"an odd bound leaves less than half":    {0, 100, 7, 97, true},
		"a bound of one leaves nothing":         {98, 100, 1, 100, true},
		"an end that was seen before it passed": {110, 100, 10, 110, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			to, far := skipAhead(c.position, c.end, c.most)
			if to != c.to || far != c.far {
				t.Errorf("it goes on at %d (%v), want %d (%v)", to, far, c.to, c.far)
			}
		})
	}
}

func TestNothingIsLeftOutOfWhatIsMadeOrBounded(t *testing.T) {
	topic := func(n *spec.Nexmark) *physical.Plan {
		return &physical.Plan{Stages: []physical.Stage{{Input: physical.Input{Topic: &physical.TopicInput{Topic: "in", Nexmark: n}}}}}
	}
	cases := map[string]struct {
		cfg     Config
		refused bool
	}{
		"a topic":                          {Config{Plan: topic(nil), ShedLagRecords: 10}, false},
		"made rows that are all read":      {Config{Plan: topic(&spec.Nexmark{}), ShedLagRecords: 0}, false},
		"a bounded input that is all read": {Config{Plan: topic(nil), Bounded: true}, false},
		"made rows":                        {Config{Plan: topic(&spec.Nexmark{}), ShedLagRecords: 10}, true},
		"a bounded input":                  {Config{Plan: topic(nil), ShedLagRecords: 10, Bounded: true}, true},
		"below nothing":                    {Config{Plan: topic(nil), ShedLagRecords: -1}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.cfg.checkShedding()
			if (err != nil) != c.refused || err != nil && fault.KindOf(err) != fault.User {
				t.Errorf("got %v", err)
			}
		})
	}
}
