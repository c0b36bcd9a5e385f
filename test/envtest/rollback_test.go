//go:build envtest

package envtest

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/runtime/fault"
)

func (w *world) rollback(o cluster.RollbackOptions) (out, said string, err error) {
	w.t.Helper()
	var result, warned bytes.Buffer
	o.Job, o.Stdout, o.Stderr = "job", &result, &warned
	err = w.commandLine(administrator).Rollback(w.t.Context(), o)
	return result.String(), warned.String(), err
}

func TestAJobGoesBackToItsFirstVersion(t *testing.T) {
	t.Parallel()
	w := running(t, "commitInterval: 200ms,")
	w.apply(jobYAML("FROM in TO out STATE s1 PLAN p2", ""))
	w.awaitJob("Running 2 Ready")
	w.apply(jobYAML("FROM in TO out STATE s1 PLAN p3", "parallelism: 2,"))
	w.awaitJob("Running 3 Ready")
	w.awaitRevisions("1 p1", "2 p2", "3 p3")
	var out bytes.Buffer
	if err := w.commandLine(administrator).History(t.Context(), cluster.HistoryOptions{Job: "job", Now: time.Now(), Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "<none>                Replaced", "commitInterval, sql   Replaced", "sql                   Runs")

	before := w.job()
	told, _, err := w.rollback(cluster.RollbackOptions{Revision: 1, DryRun: true})
	if now := w.job(); err != nil || now.Generation != before.Generation || told != "streamjob.millrace.dev/job rolled back to revision 1: commitInterval, sql (server dry run)\n" {
		t.Fatalf("a question changed the job from %d to %d: %s, %v", before.Generation, now.Generation, told, err)
	}
	if told, _, err = w.rollback(cluster.RollbackOptions{Revision: 1}); err != nil || told != "streamjob.millrace.dev/job rolled back to revision 1: commitInterval, sql\n" {
		t.Fatalf("%s, %v", told, err)
	}
	job := w.awaitJob("Running 4 Ready")
	w.awaitRevisions("2 p2", "3 p3", "4 p1")
	if s := job.Spec; s.SQL != sql1 || s.CommitInterval.Duration != 200*time.Millisecond || s.Parallelism != 2 {
		t.Errorf("spec %+v", s)
	}
	if told, _, err = w.rollback(cluster.RollbackOptions{}); err != nil || !strings.Contains(told, "rolled back to revision 3") {
		t.Fatalf("%s, %v", told, err)
	}
	w.awaitJob("Running 5 Ready")
	w.awaitRevisions("2 p2", "4 p1", "5 p3")
}

// The webhook says what becomes of the state before anything is changed, and refuses a version that can't take it over.
func TestARollbackIsJudgedAsAnyChangeIs(t *testing.T) {
	t.Parallel()
	w := runningJudged(t)
	// with says how the job is to get to its next version.
	with := func(mode, sql string) string { return realJob("job", sql) + "  upgrade: {mode: " + mode + "}\n" }
	longer := replaced(t, counts, "'10' SECOND", "'20' SECOND")
	w.apply(with("Stateless", longer))
	w.awaitJob("Running 2 Ready")
	_, said, err := w.rollback(cluster.RollbackOptions{DryRun: true})
	if err != nil || !strings.Contains(said, "Warning: spec.sql: the new query keeps other state or exchanges than the running one, whose state is given up: spec.upgrade.mode is Stateless") {
		t.Errorf("it said %s, %v", said, err)
	}
	w.apply(with("Savepoint", longer))
	before := w.job()
	told, _, err := w.rollback(cluster.RollbackOptions{})
	if now := w.job(); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "its windows are cut otherwise") || told != "" || now.Generation != before.Generation {
		t.Errorf("%s%v", told, err)
	}
}

func TestTheCommandLineSuspendsAJobAndLetsItGoOn(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.commit(1, 1, 0)
	c := w.commandLine(administrator)
	var out, said bytes.Buffer
	options := cluster.SuspendOptions{Job: "job", Timeout: patience, Stdout: &out, Stderr: &said}
	suspended := make(chan error, 1)
	go func() { suspended <- c.Suspend(t.Context(), options) }()
	id := w.finish()
	if err := <-suspended; err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "streamjob.millrace.dev/job suspended: it goes on from the savepoint "+id+"\n")
	contains(t, said.String(), "Savepointing: ")
	out.Reset()
	if err := c.Resume(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "streamjob.millrace.dev/job resumed: 1 workers run in epoch 2\n")
	w.awaitRevisions("1 p1")
}

func TestTheCommandLineRestartsTheWorkersOfAJob(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 2,")
	var out, said bytes.Buffer
	options := cluster.SuspendOptions{Job: "job", Timeout: patience, Stdout: &out, Stderr: &said}
	if err := w.commandLine(administrator).Restart(t.Context(), options, time.Now()); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "streamjob.millrace.dev/job restarted: 2 workers run in epoch 1\n")
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.killed, []string{"job-1-1", "job-1-0"}) {
		t.Errorf("replaced %v", w.killed)
	}
}
