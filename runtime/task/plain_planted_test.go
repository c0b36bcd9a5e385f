//go:build mutants

package task_test

import (
	"testing"

	"github.com/millrace/millrace/runtime/task"
)

// TestPlantedReplaysAreFound runs seeds of the job without transactions with a wrong replay: in some of them a task is
// found not to be what its offset says, or rows are missing.
func TestPlantedReplaysAreFound(t *testing.T) {
	cases := map[string]task.Plants{
		"a commit that nothing confirms is replayed": {ApplyUnconfirmed: true},
		"what a zombie has written is replayed":      {TrustAll: true},
	}
	for name, plants := range cases {
		t.Run(name, func(t *testing.T) {
			const seeds = 300
			red, example := 0, error(nil)
			for seed := range uint64(seeds) {
				if err := newPlainRun(t, seed, plants).whole(); err != nil {
					red, example = red+1, err
				}
			}
			t.Logf("%d of %d seeds go red, such as: %v", red, seeds, example)
			if red == 0 {
				t.Error("no seed sees it")
			}
		})
	}
}
