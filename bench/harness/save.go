package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/millrace/millrace/bench/report"
	"github.com/millrace/millrace/cmd/millrace/savepoints"
	"github.com/millrace/millrace/runtime/control"
)

// save measures the copies of a job with so many keys: a restore from snapshots, a savepoint while rows come in, one that stops
// the job, and another job that begins from it.
func (x *recovering) save(ctx context.Context, s *stage, keys int64) (r report.Save, err error) {
	r = report.Save{Keys: keys}
	j, err := s.newOwnJob(ctx, x.settings, "save-"+strconv.FormatInt(keys, 10), restartSQL, restartInput, restartOutput)
	if err != nil {
		return r, err
	}
	record := func(n int64) []byte {
		return fmt.Appendf(nil, `{"k":%d,"ts":%d}`, scatter(n, keys), int64(restartMillis))
	}
	if err := fill(ctx, s.broker, bulk{topic: restartInput, partitions: x.partitions, records: keys, compression: x.compression}, os.Stderr, record); err != nil {
		return r, err
	}
	flags := []string{
		"--savepoints", "file://" + filepath.Join(j.folder, "savepoints"), "--snapshots", "file://" + filepath.Join(j.folder, "snapshots"),
		"--snapshot-interval", "5s", "--snapshot-least-bytes", "1",
	}
	m, err := j.start(ctx, 0, flags...)
	if err != nil {
		return r, err
	}
	defer func() { m.kill() }() // the last one
	if err := m.settle(ctx); err != nil {
		return r, err
	}
	stop := j.feeding(ctx, trickle, func(n int64, _ time.Time) []byte { return record(n) })
	defer func() { err = errors.Join(err, stop()) }()
	if m, r.SnapshotSeconds, err = j.fromSnapshots(ctx, m, flags); err != nil {
		return r, err
	}
	held := m.held(ctx)
	if _, r.SaveSeconds, err = j.create(ctx, false); err != nil {
		return r, err
	}
	r.PauseMillis = (m.held(ctx) - held).Seconds() * 1000
	id, seconds, err := j.create(ctx, true)
	if err != nil {
		return r, err
	}
	r.StopSeconds = seconds
	m.stop()
	if m, err = j.start(ctx, 0, append(flags, "--epoch", "2", "--state-epoch", "2", "--restore-from", id)...); err != nil {
		return r, err
	}
	_, err = m.await(ctx, "the state is taken over", func(s control.Status) bool {
		return len(s.Tasks) == ownParallelism+x.partitions && !waiting(s, control.WaitsForState) && s.Commits > 0
	})
	r.BeginSeconds = time.Since(m.began).Seconds()
	fmt.Printf("%9d keys  from snapshots %.2f s  savepoint %.2f s, sources held %.0f ms  one that stops %.2f s  begun from it %.2f s\n",
		keys, r.SnapshotSeconds, r.SaveSeconds, r.PauseMillis, r.StopSeconds, r.BeginSeconds)
	return r, err
}

// fromSnapshots waits until all state is copied, takes the worker's disk away, and returns the next process with the time
// that its tasks took to open.
func (j *ownJob) fromSnapshots(ctx context.Context, m *member, flags []string) (*member, float64, error) {
	_, err := m.await(ctx, "each task has a snapshot", func(s control.Status) bool {
		n := 0
		for _, t := range s.Tasks {
			if t.Snapshot != nil {
				n++
			}
		}
		return n == ownParallelism
	})
	if err != nil {
		return m, 0, err
	}
	m.kill()
	if err := os.RemoveAll(m.disk); err != nil {
		return m, 0, err
	}
	next, err := j.start(ctx, 0, flags...)
	if err != nil {
		return m, 0, err
	}
	if _, err := next.firstCommit(ctx); err != nil {
		return next, 0, err
	}
	opened, err := next.opened()
	return next, opened.Seconds(), err
}

// create asks the job for a savepoint.
func (j *ownJob) create(ctx context.Context, stop bool) (id string, seconds float64, err error) {
	var out, progress bytes.Buffer
	begin := time.Now()
	err = savepoints.Create(ctx, savepoints.Request{
		Brokers: []string{j.stage.broker.Address}, Job: j.topics.Prefix, Stop: stop, Within: joinPatience, Layout: savepoints.Table, Stdout: &out, Stderr: &progress,
	})
	if err != nil {
		return "", 0, fmt.Errorf("%w\n%s", err, progress.String())
	}
	return string(bytes.TrimSpace(out.Bytes())), time.Since(begin).Seconds(), nil
}

// held is the longest time for which a source of the worker took no input so far; 0 where it does not say.
func (m *member) held(ctx context.Context) time.Duration {
	s, err := m.status(ctx)
	if err != nil {
		return 0
	}
	most := 0.0
	for _, t := range s.Tasks {
		if t.Source {
			most = max(most, t.HeldSeconds)
		}
	}
	return time.Duration(most * float64(time.Second))
}

func waiting(s control.Status, what control.Waits) bool {
	for _, t := range s.Tasks {
		if t.Waits == what {
			return true
		}
	}
	return false
}
