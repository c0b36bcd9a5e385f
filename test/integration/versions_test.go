//go:build integration

package integration_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/physical"
)

// versionBefore is the commit whose workers are the version before this one: they read plans up to the format before today's.
const versionBefore = "b264d1c"

// TestWorkersOfTwoVersionsCountEachRowOnce rolls two workers, one by one, from the version before to this one, back, and forth again,
// under a plan of the format before, as an upgrade finds it. A worker that ends takes its disk along, so that each reads changelogs, exchanges
// and offsets of the other version.
func TestWorkersOfTwoVersionsCountEachRowOnce(t *testing.T) {
	before := older(t)
	j := newJob(t)
	j.format = physical.OldestFormat
	j.compile(partitions)
	j.http, j.diskless = true, true
	j.feeding = 2 * feedFor
	j.binaries[0], j.binaries[1] = before, before
	j.start(0)
	j.start(1)
	j.await("both workers have tasks", func() bool { return j.working(0) && j.working(1) })
	fed := j.feeds()
	for _, binary := range []string{j.binary, before, j.binary} {
		for _, ordinal := range []int{1, 0} { // as a StatefulSet is rolled
			j.replace(ordinal, binary)
			time.Sleep(time.Second)
			if ordinal == 1 { // one of each version
				j.signal(1, syscall.SIGKILL)
				j.kills++
				time.Sleep(time.Second)
			}
		}
	}
	j.check(<-fed)
	j.stop()
}

// TestAWorkerOfTheVersionBeforeRefusesTodaysPlan: it says why, and touches nothing.
func TestAWorkerOfTheVersionBeforeRefusesTodaysPlan(t *testing.T) {
	before := older(t)
	j := newJob(t)
	out, err := exec.CommandContext(t.Context(), before, "--plan", j.plan, "--brokers", j.broker.Address(), "--prefix", prefix, "--ordinal", "0",
		"--state-dir", t.TempDir(), "--http", "").CombinedOutput()
	exit, ended := errors.AsType[*exec.ExitError](err)
	if !ended || exit.ExitCode() != 2 || !strings.Contains(string(out), "the plan is of format 3, and this worker reads 1 to 2") {
		t.Errorf("%v\n%s", err, out)
	}
}

// older builds the worker of the version before, out of the history, which a shallow clone lacks.
func older(t *testing.T) string {
	t.Helper()
	const root = "../.."
	if err := exec.CommandContext(t.Context(), "git", "-C", root, "cat-file", "-e", versionBefore+"^{commit}").Run(); err != nil {
		t.Skipf("the clone has no commit %s, whose workers are the version before: fetch the whole history", versionBefore)
	}
	source := t.TempDir()
	archive := exec.CommandContext(t.Context(), "git", "-C", root, "archive", versionBefore)
	unpack := exec.CommandContext(t.Context(), "tar", "-x", "-C", source)
	var err error
	if unpack.Stdin, err = archive.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := archive.Start(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unpack.Run(), archive.Wait()); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(source, "worker-before")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/worker")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// replace ends a worker, whose place another binary takes, and waits until that one has tasks.
func (j *job) replace(ordinal int, binary string) {
	j.t.Helper()
	j.mu.Lock()
	last := j.procs[ordinal]
	j.binaries[ordinal] = binary
	j.mu.Unlock()
	j.signal(ordinal, syscall.SIGTERM)
	j.await("the replaced worker has tasks", func() bool {
		j.mu.Lock()
		other := j.procs[ordinal] != last
		j.mu.Unlock()
		return other && j.working(ordinal)
	})
}

// working says that a worker runs, and has tasks.
func (j *job) working(ordinal int) bool {
	s := j.status(ordinal)
	return s.Phase.Ready() && len(s.Tasks) > 0
}
