//go:build integration

package integration_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/control"
)

// TestSourcesWaitForAnExchangeThatIsNotRead stops a worker for a while, so that nobody reads its partitions of the exchange: the sources
// of the other one wait rather than fill the broker, and go on when they are read. The one that goes on has the plan's first task: its
// owner is who counts what waits, and with that one stopped nobody does until the group has noticed.
func TestSourcesWaitForAnExchangeThatIsNotRead(t *testing.T) {
	j := newJob(t)
	j.extra = []string{"--max-exchange-bytes", "8192"}
	j.http = true
	j.start(0)
	j.start(1)
	j.await("both workers have tasks", func() bool { return len(j.status(0).Tasks) == partitions && len(j.status(1).Tasks) == partitions })
	fed := j.feeds()
	time.Sleep(time.Second)
	counts, stopped := 0, 1
	if !j.hasFirst(0) {
		counts, stopped = 1, 0
	}
	j.signal(stopped, syscall.SIGSTOP)
	waited := func() bool {
		for _, task := range j.status(counts).Tasks {
			if task.Waits == control.WaitsForExchange {
				return true
			}
		}
		return false
	}
	j.await("a source waits for the exchange", waited)
	j.signal(stopped, syscall.SIGCONT)
	j.await("no source waits any more", func() bool { return !waited() })
	j.check(<-fed)
	j.stop()
}

// TestSourcesAreAligned reads two partitions that are hours apart in event time: the one ahead waits for the other.
func TestSourcesAreAligned(t *testing.T) {
	const drift = 2 * time.Minute
	j := newJob(t)
	j.extra = []string{"--max-watermark-drift", drift.String()}
	j.http = true
	send := func(p int32, from, to, step int64) {
		for ts := from; ts < to; ts += step {
			value, _ := json.Marshal(row{"k", ts, ts})
			j.client.Produce(t.Context(), &kgo.Record{Topic: "rows_in", Partition: p, Value: value}, nil)
		}
		if err := j.client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const start, hour = 1_000_000_000, 3_600_000
	for p := range int32(partitions) {
		send(p, start, start+1000, 100) // each has a watermark
	}
	j.start(0)
	j.await("all is read", func() bool { return len(j.status(0).Tasks) == 2*partitions && j.status(0).LagRecords <= 0 })
	time.Sleep(time.Second) // and said
	send(0, start+1000, start+1*hour, 10_000)
	j.await("the partition ahead waits", func() bool { return j.ahead().Waits == control.WaitsForWatermark })
	send(0, start+1*hour, start+2*hour, 10_000)
	time.Sleep(time.Second)
	if at := int64(j.ahead().Watermark) / 1000; at > start+1*hour {
		t.Errorf("it reads on: its watermark is at %d ms after the start", at-start)
	}
	for p := range int32(partitions) {
		if p > 0 {
			send(p, start+2*hour, start+2*hour+1, 1)
		}
	}
	j.await("it goes on when the others have come up to it", func() bool {
		return int64(j.ahead().Watermark)/1000 >= start+2*hour-20_000 && j.ahead().Waits == control.WaitsForNothing
	})
	j.stop()
}

// status asks a worker how it is; the zero Status where it does not answer.
func (j *job) status(ordinal int) (s control.Status) {
	ctx, cancel := context.WithTimeout(j.t.Context(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+j.address(ordinal)+"/status", nil)
	if err != nil {
		j.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return s
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		return control.Status{}
	}
	return s
}

// ahead is the task of the source partition that is ahead.
func (j *job) ahead() control.Task {
	for _, task := range j.status(0).Tasks {
		if task.Source && task.Partition == 0 {
			return task
		}
	}
	return control.Task{}
}

// hasFirst says that a worker has the first task of the plan.
func (j *job) hasFirst(ordinal int) bool {
	return slices.ContainsFunc(j.status(ordinal).Tasks, func(t control.Task) bool { return t.Source && t.Partition == 0 })
}

func (j *job) await(what string, holds func() bool) {
	j.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			j.t.Errorf("waited for: %s", what)
			j.stop() // and says what the workers said
			j.t.FailNow()
		}
	}
}

// address is where a worker answers, below the range that the system takes for clients.
func (j *job) address(ordinal int) string { return "127.0.0.1:" + strconv.Itoa(18_080+ordinal) }
