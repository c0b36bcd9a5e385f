package program

import (
	"errors"
	"os"
	"runtime/pprof"

	"github.com/millrace/millrace/runtime/fault"
)

// profiled runs do, under the profilers whose files are given.
func (s *settings) profiled(do func() error) error {
	if s.cpuProfile == "" {
		return errors.Join(do(), s.writeAllocations())
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
	return errors.Join(err, f.Close(), s.writeAllocations())
}

// writeAllocations writes what the process has allocated since its start, as the runtime has sampled it.
func (s *settings) writeAllocations() error {
	if s.allocs == "" {
		return nil
	}
	f, err := os.Create(s.allocs) //nolint:gosec // the file is the user's to name
	if err != nil {
		return fault.Wrap(fault.User, err, "create the file of --allocation-profile")
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}
