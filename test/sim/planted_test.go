//go:build mutants

package sim

import (
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/worker"
)

// TestPlantedBugsAreFound runs seeds with a bug in the worker until a few go red. The simulation is worth something only
// if they do.
func TestPlantedBugsAreFound(t *testing.T) {
	const (
		seedsMax = 1000
		enough   = 3
	)
	cases := map[string]bugs{
		"restore to the last stable offset instead of the log's end": {kafka: kafka.Plants{RestoreToStable: true}},
		"rewind on an unknown outcome":                               {worker: worker.Plants{RewindOnUnknown: true}},
		"leave the offsets out of the transaction":                   {kafka: kafka.Plants{SkipOffsets: true}},
		"offsets of unmoved tasks left out":                          {worker: worker.Plants{LeaveUnmoved: true}},
		"state applied before the commit":                            {worker: worker.Plants{ApplyEarly: true}},
		"commit of a lost task":                                      {worker: worker.Plants{KeepRevoked: true}},
		"exchange purged above the committed position":               {worker: worker.Plants{PurgeAhead: true}},
		"a watermark that moves back after a restart":                {worker: worker.Plants{Task: task.Plants{ForgetWatermark: true}}},
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			red, tries, example := 0, 0, ""
			for ; tries < seedsMax && red < enough; tries++ {
				seed := *first + uint64(tries)
				if o := run(t, seed, seedPlan(seed), b); o.wrong != "" {
					red++
					example = o.wrong
				}
			}
			t.Logf("%d of %d seeds go red, such as: %s", red, tries, example)
			if red < enough {
				t.Errorf("%d of %d seeds see it", red, tries)
			}
		})
	}
}
