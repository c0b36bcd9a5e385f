package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// send finds process 1 of the container and sends it a signal that it can't refuse. From inside a container nobody can: the kernel ignores a SIGKILL,
// and a SIGSTOP, to process 1 from its own pid namespace.
func send(signal syscall.Signal, proc, container string, out io.Writer) error {
	if container == "" {
		return errors.New("kill and stop need a container's id")
	}
	groups, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "cgroup"))
	if err != nil {
		return err
	}
	for _, file := range groups {
		// The id is in the cgroup's path with either cgroup driver. A process may be gone by now: then it is not the one.
		group, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(group, []byte(container)) {
			continue
		}
		process := filepath.Dir(file)
		status, err := os.ReadFile(filepath.Join(process, "status"))
		if err != nil || !isFirst(string(status)) {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(process))
		if err != nil {
			return err
		}
		if err := syscall.Kill(id, signal); err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, id, signal)
		return err
	}
	return fmt.Errorf("no process 1 of container %s here", container)
}

// isFirst says whether a process is number 1 in its own pid namespace: the last number of the line NSpid.
func isFirst(status string) bool {
	for line := range strings.Lines(status) {
		if numbers, found := strings.CutPrefix(line, "NSpid:"); found {
			fields := strings.Fields(numbers)
			return len(fields) > 0 && fields[len(fields)-1] == "1"
		}
	}
	return false
}
