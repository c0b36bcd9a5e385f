//go:build mutants

package sim

import (
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/worker"
)

// TestPlantedBugsAreFound runs seeds with a bug in the worker. The simulation is worth something only if they go red.
func TestPlantedBugsAreFound(t *testing.T) {
	const tries = 40
	cases := map[string]bugs{
		"restore to the last stable offset instead of the log's end": {kafka: kafka.Plants{RestoreToStable: true}},
		"rewind on an unknown outcome":                               {worker: worker.Plants{RewindOnUnknown: true}},
		"leave the offsets out of the transaction":                   {kafka: kafka.Plants{SkipOffsets: true}},
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			red, example := 0, ""
			for i := range uint64(tries) {
				seed := *first + i
				if o := run(t, seed, seedPlan(seed), b); o.wrong != "" {
					red++
					example = o.wrong
				}
			}
			t.Logf("%d of %d seeds go red, such as: %s", red, tries, example)
			if red == 0 {
				t.Errorf("none of %d seeds sees it", tries)
			}
		})
	}
}
