//go:build integration

package integration_test

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/savepoints"
)

// TestAJobMovesThroughASavepoint stops a job by a savepoint and lets its successor go on from there, with another
// maxParallelism, on a real broker, with kills before and after: each row comes out once over both.
func TestAJobMovesThroughASavepoint(t *testing.T) {
	j := newJob(t)
	j.savepoints = true
	r := rand.New(rand.NewPCG(5, 6))
	fed := j.feeds()
	j.start(0)
	j.start(1)
	time.Sleep(feedFor / 5)
	j.signal(r.IntN(2), syscall.SIGKILL)
	j.kills++
	j.create(false) // and the job goes on
	id := j.create(true)
	j.stop()

	j.compile(partitions + 3)
	j.epoch, j.restoreFrom = 2, id
	for n := range 3 {
		j.start(n)
	}
	time.Sleep(feedFor / 5)
	j.signal(r.IntN(3), syscall.SIGKILL)
	j.kills++
	j.check(<-fed)
	j.stop()

	url := "file://" + filepath.Join(j.folder, "savepoints")
	var out bytes.Buffer
	o := savepoints.Options{URL: url, Layout: savepoints.Table, Stdout: &out, Stderr: &out, ID: id}
	if err := savepoints.List(t.Context(), o); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out.String(), "sp-"); n != 2 {
		t.Errorf("%d savepoints in\n%s", n, out.String())
	}
	if err := savepoints.Verify(t.Context(), o); err != nil {
		t.Error(err)
	}
	t.Log(out.String())
}

// create asks the job for a savepoint as its user does.
func (j *job) create(stop bool) (id string) {
	j.t.Helper()
	var out, progress bytes.Buffer
	begin := time.Now()
	err := savepoints.Create(j.t.Context(), savepoints.Request{
		Brokers: []string{j.broker.Address()}, Job: prefix, Stop: stop, Within: time.Minute, Layout: savepoints.Table, Stdout: &out, Stderr: &progress,
	})
	if err != nil {
		j.t.Fatalf("%v\n%s", err, progress.String())
	}
	j.t.Logf("%s after %v", strings.TrimSpace(out.String()), time.Since(begin))
	return strings.TrimSpace(out.String())
}
