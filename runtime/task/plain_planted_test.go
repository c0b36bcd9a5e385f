//go:build mutants

package task_test

import (
	"testing"

	"github.com/millrace/millrace/runtime/task"
)

// TestPlantedReplaysAreFound runs seeds of the job without transactions with a wrong replay, or a wrong opening: in some of
// them a task is found not to be what its offset says, or rows are missing.
func TestPlantedReplaysAreFound(t *testing.T) {
	cases := map[string]struct {
		plants task.Plants
		tacit  bool
	}{
		"a commit that nothing confirms is replayed":       {task.Plants{ApplyUnconfirmed: true}, false},
		"what a zombie has written is replayed":            {task.Plants{TrustAll: true}, false},
		"a task is opened without committing who opens it": {task.Plants{}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			const seeds = 300
			red, example := 0, error(nil)
			for seed := range uint64(seeds) {
				if err := newPlainRun(t, seed, c.plants, c.tacit).whole(); err != nil {
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
