package worker

import (
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

func TestATrialIsConfiguredAsOneBoundedWorker(t *testing.T) {
	job := physical.Topics{Prefix: "c.ns.j"}
	cases := map[string]struct {
		change func(c *Config)
		kind   fault.Kind // of the refusal; Unknown is none
	}{
		"a trial":                     {func(*Config) {}, fault.Unknown},
		"without rows":                {func(c *Config) { c.Trial.Rows = 0 }, fault.User},
		"on the topics of its job":    {func(c *Config) { c.Topics = job }, fault.Bug},
		"with more workers than one":  {func(c *Config) { c.Ordinal = 1 }, fault.User},
		"with snapshots and shedding": {func(c *Config) { c.ShedLagRecords, c.Snapshots.Interval, c.MaxOrdinal = 5, time.Minute, 3 }, fault.Unknown},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			c := &Config{Topics: job.Trial(2, "aaaaaa"), Trial: &Trial{Of: job, Rows: 1}}
			change.change(c)
			err := c.checkTrial()
			switch {
			case change.kind != fault.Unknown:
				if err == nil || fault.KindOf(err) != change.kind {
					t.Errorf("it says %v", err)
				}
			case err != nil || !c.Bounded || c.MaxOrdinal != 0 || c.ShedLagRecords != 0 || c.Snapshots.Interval != 0 || c.job() != job:
				t.Errorf("%v, %+v", err, c)
			}
		})
	}
	if names := job.Trial(2, "aaaaaa"); names.Group() != "c.ns.j.2.trial-aaaaaa" || names.Control() != "c.ns.j.2.trial-aaaaaa.2.control" || names.OutputID() != "c.ns.j.2.trial-aaaaaa.output" {
		t.Errorf("its names are %+v", names)
	}
}

func TestATrialReadsItsShareOrWhatThereIs(t *testing.T) {
	at := kafka.Partition{Topic: "in"}
	plan := &physical.Plan{Stages: []physical.Stage{{Input: physical.Input{Topic: &physical.TopicInput{Topic: "in"}}}}}
	for name, c := range map[string]struct {
		rows, from, end int64
		known           bool
		want            int64
	}{
		"while nobody knows how much comes": {rows: 40, from: 100, want: 110},
		"of much that there is":             {rows: 40, from: 100, end: 500, known: true, want: 110},
		"of little":                         {rows: 40, from: 100, end: 103, known: true, want: 103},
		"a row of each at least":            {rows: 1, from: 100, want: 101},
	} {
		t.Run(name, func(t *testing.T) {
			s := &session{Worker: &Worker{cfg: Config{Plan: plan, Trial: &Trial{Rows: c.rows}}}, partitions: map[string]int{"in": 4}}
			if end, known := s.bounds(at, c.from, c.end, c.known); end != c.want || !known {
				t.Errorf("it ends at %d, %v", end, known)
			}
			if end, _ := s.bounds(at, c.from+5, c.end, c.known); end != c.want {
				t.Errorf("opened once more it ends at %d", end)
			}
		})
	}
}
