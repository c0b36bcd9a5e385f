package program

import (
	"context"
	"os"
	"path/filepath"
	"syscall"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/remote"
)

// fullName is the file of the program that has all links.
const fullName = "worker-full"

// Links is what a program has linked beyond what every job needs. What is nil, worker-full has.
type Links struct {
	// Files is the form of the files of savepoints.
	Files savepoint.Files
	// Redis and Postgres open a state backend on a server.
	Redis, Postgres OpenServer
}

// OpenServer opens a job's state on a server.
type OpenServer func(ctx context.Context, server remote.Server, job string, stateEpoch int64) (state.Backend, error)

// serve says whether a program with these links can run a worker with these settings.
func (l Links) serve(s *settings) bool {
	switch {
	case s.savepoints != "" && l.Files == nil:
		return false
	case s.stateBackend == backendRedis:
		return l.Redis != nil
	case s.stateBackend == backendPostgres:
		return l.Postgres != nil
	}
	return true
}

// becomeFull makes this process one of worker-full with the same arguments; it returns only if that fails. Number and parent
// of the process, files and signals stay what they are.
func becomeFull(args []string) error {
	own, err := os.Executable()
	if err != nil {
		return fault.Wrap(fault.Transient, err, "find the worker's own file")
	}
	full := filepath.Join(filepath.Dir(own), fullName)
	err = syscall.Exec(full, append([]string{full}, args...), os.Environ()) //nolint:gosec // it is ours, with the arguments that are ours
	return fault.Wrap(fault.User, err, "start %s, which has what this job needs: savepoints, or state on a server", full).
		Do("put %s where it is, beside the worker", fullName)
}
