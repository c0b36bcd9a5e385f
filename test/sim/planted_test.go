//go:build mutants

package sim

import (
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/worker"
)

// TestPlantedBugsAreFound runs seeds with a bug in the worker until a few go red. The simulation is worth something only
// if they do.
func TestPlantedBugsAreFound(t *testing.T) {
	const (
		seedsMax     = 1000
		exampleBytes = 400
		enough       = 3
	)
	fed := func() game { return (*world).play }
	copied := func() game { return (&sumsOver{}).game() }
	saved := func() game { return (&savesOver{}).game() }
	lapped := func() game { return (&sumsOver{}).laps() }
	cases := map[string]struct {
		bugs
		game func() game
		plan func(seed uint64) Plan // nil: the seed's
	}{
		"restore to the last stable offset instead of the log's end":     {bugs{kafka: kafka.Plants{RestoreToStable: true}}, fed, nil},
		"rewind on an unknown outcome":                                   {bugs{worker: worker.Plants{RewindOnUnknown: true}}, fed, nil},
		"leave the offsets out of the transaction":                       {bugs{kafka: kafka.Plants{SkipOffsets: true}}, fed, nil},
		"offsets of unmoved tasks left out":                              {bugs{worker: worker.Plants{LeaveUnmoved: true}}, fed, nil},
		"state applied before the commit":                                {bugs{worker: worker.Plants{ApplyEarly: true}}, fed, nil},
		"commit of a lost task":                                          {bugs{worker: worker.Plants{KeepRevoked: true}}, fed, nil},
		"exchange purged above the committed position":                   {bugs{worker: worker.Plants{PurgeAhead: true}}, fed, nil},
		"a watermark that moves back after a restart":                    {bugs{worker: worker.Plants{Task: task.Plants{ForgetWatermark: true}}}, fed, nil},
		"a snapshot claims the position of the commit after its content": {bugs{worker: worker.Plants{SnapshotAhead: true}}, copied, nil},
		"the changelog is deleted beyond the newest snapshot":            {bugs{worker: worker.Plants{ShortenToEnd: true}}, copied, nil},
		"a task is cut before all its channels are":                      {bugs{worker: worker.Plants{Task: task.Plants{CutEarly: true}}}, saved, savePlan},
		"a task is opened from a warm copy without the rest of its log":  {bugs{worker: worker.Plants{WarmIsEnough: true}}, fed, nil},
		"a partition is given to two members":                            {bugs{kafka: kafka.Plants{GiveTwice: true}}, fed, nil},
		"a lap rewrites values as of an earlier commit":                  {bugs{worker: worker.Plants{Task: task.Plants{StaleLap: true}}}, lapped, nil},

		"at least once: offsets are committed before the rows are written": {bugs{worker: worker.Plants{OffsetsFirst: true}, delivery: spec.AtLeastOnce}, fed, nil},
		"at least once: a commit is replayed that nothing confirms":        {bugs{worker: worker.Plants{Task: task.Plants{ApplyUnconfirmed: true}}, delivery: spec.AtLeastOnce}, fed, nil},
		"at most once: rows are written before the offsets are committed":  {bugs{worker: worker.Plants{HoldNothing: true}, delivery: spec.AtMostOnce}, fed, nil},
		"at most once: a commit is replayed that nothing confirms":         {bugs{worker: worker.Plants{Task: task.Plants{ApplyUnconfirmed: true}}, delivery: spec.AtMostOnce}, fed, nil},
	}
	for name, c := range cases {
		if c.delivery == "" {
			c.delivery = spec.ExactlyOnce
		}
		t.Run(name, func(t *testing.T) {
			red, tries, example := 0, 0, ""
			for ; tries < seedsMax && red < enough; tries++ {
				seed := *first + uint64(tries)
				plan := seedPlan
				if c.plan != nil {
					plan = c.plan
				}
				if o := runGame(t, seed, plan(seed), c.bugs, c.game()); o.wrong != "" {
					red++
					example = o.wrong[:min(len(o.wrong), exampleBytes)]
				}
			}
			t.Logf("%d of %d seeds go red, such as: %s", red, tries, example)
			if red < enough {
				t.Errorf("%d of %d seeds see it", red, tries)
			}
		})
	}
}
