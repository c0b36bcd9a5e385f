package program

import (
	"context"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

func TestAJobIsServedByTheProgramThatHasWhatItNeeds(t *testing.T) {
	open := func(context.Context, remote.Server, string, int64) (state.Backend, error) { return nil, nil } //nolint:nilnil // never called
	full := Links{Files: parquet.Files{}, Redis: open, Postgres: open}
	for name, c := range map[string]struct {
		s     settings
		small bool
	}{
		"state in memory":             {settings{stateBackend: backendMemory}, true},
		"state on disk and snapshots": {settings{stateBackend: backendPebble, snapshots: "file:///copies"}, true},
		"savepoints":                  {settings{stateBackend: backendPebble, savepoints: "file:///saves"}, false},
		"Redis":                       {settings{stateBackend: backendRedis}, false},
		"PostgreSQL":                  {settings{stateBackend: backendPostgres}, false},
	} {
		if small := (Links{}).serve(&c.s); small != c.small || !full.serve(&c.s) {
			t.Errorf("%s: the small worker serves it: %v", name, small)
		}
	}
}

// The test's own program has no worker-full beside it.
func TestAMissingProgramIsNamed(t *testing.T) {
	err := becomeFull([]string{"--savepoints", "file:///saves"})
	if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), fullName) {
		t.Errorf("got %v", err)
	}
}
