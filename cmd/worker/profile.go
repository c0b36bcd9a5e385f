package main

import (
	"errors"
	"os"
	"runtime/pprof"

	"github.com/millrace/millrace/runtime/fault"
)

// profiled runs do, under the CPU profiler when a file for its result is given.
func (s *settings) profiled(do func() error) error {
	if s.cpuProfile == "" {
		return do()
	}
	f, err := os.Create(s.cpuProfile) //nolint:gosec // the file is the user's to name
	if err != nil {
		return fault.Wrap(fault.User, err, "create the file of --cpu-profile")
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(fault.Wrap(fault.Bug, err, "start the profiler"), f.Close())
	}
	err = do()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}
