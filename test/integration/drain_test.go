//go:build integration

package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/cmd/millrace/savepoints"
)

// TestADrainedJobFiresEachWindowOnceAndRests drains a job on a real broker while rows come in, and kills both workers in the middle:
// a beginning of each partition comes out, once, with every window of its rows, and nothing after.
func TestADrainedJobFiresEachWindowOnceAndRests(t *testing.T) {
	j := newJob(t)
	fed := j.feeds()
	j.start(0)
	j.start(1)
	time.Sleep(feedFor / 3)
	drained := make(chan error, 1)
	var out, progress bytes.Buffer
	go func() {
		drained <- savepoints.Drain(t.Context(), savepoints.Request{
			Brokers: []string{j.broker.Address()}, Job: prefix, Within: patience, Layout: savepoints.Table, Stdout: &out, Stderr: &progress,
		})
	}()
	for n := range 2 {
		time.Sleep(100 * time.Millisecond)
		j.signal(n, syscall.SIGKILL)
		j.kills++
	}
	if err := <-drained; err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	t.Logf("%s%s", progress.String(), out.String())
	have := <-fed // all of it comes to a job that rests
	time.Sleep(2 * time.Second)
	j.signal(0, syscall.SIGKILL) // nor does one that starts go on
	time.Sleep(2 * time.Second)
	read := j.beginnings()
	if read == 0 || int64(read) >= have.rows {
		t.Errorf("%d of %d rows were read: the test sees nothing", read, have.rows)
	}
	t.Logf("%d of %d rows were read, %d kills", read, have.rows, j.kills)
	j.stop()
}

// beginnings checks that the output is that of a beginning of each partition, and returns how many rows that is.
func (j *job) beginnings() int {
	j.t.Helper()
	type value struct {
		row
		Start int64 `json:"window_start"`
		N     int64 `json:"n"`
	}
	inputs, copies, counts := map[int32][]row{}, map[int64]int{}, map[string][]int64{}
	j.everything(func(r *kgo.Record) {
		var v value
		if err := json.Unmarshal(r.Value, &v); err != nil {
			j.t.Errorf("%s: %v", r.Value, err)
		}
		switch r.Topic {
		case "rows_in":
			inputs[r.Partition] = append(inputs[r.Partition], v.row)
		case "copies":
			copies[v.ID]++
		default:
			w := v.K + "@" + strconv.FormatInt(v.Start, 10)
			counts[w] = append(counts[w], v.N)
		}
	}, "rows_in", "copies", "counts")
	want, read := map[string]int64{}, 0
	for p, rows := range inputs {
		over := false
		for _, r := range rows {
			switch n := copies[r.ID]; {
			case n == 0:
				over = true
			case n > 1 || over:
				j.t.Errorf("row %d of partition %d came %d times, and one before it did not: %v", r.ID, p, n, over)
			default:
				read++
				want[r.K+"@"+strconv.FormatInt(r.TS/windowMillis*windowMillis, 10)]++
			}
		}
	}
	var wrong []string
	for w, n := range want {
		if got := counts[w]; len(got) != 1 || got[0] != n {
			wrong = append(wrong, w)
		}
	}
	if len(wrong) > 0 || len(counts) != len(want) {
		j.t.Errorf("%d windows, want %d; wrong: %s", len(counts), len(want), strings.Join(wrong, ", "))
	}
	return read
}

// everything reads topics to where nothing more comes.
func (j *job) everything(visit func(r *kgo.Record), topics ...string) {
	j.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(j.broker.Address()), kgo.ConsumeTopics(topics...),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		j.t.Fatal(err)
	}
	defer cl.Close()
	const quiet = 3 * time.Second
	for last := time.Now(); time.Since(last) < quiet; {
		poll, cancel := context.WithTimeout(j.t.Context(), time.Second)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			last = time.Now()
			visit(r)
		})
		cancel()
	}
}
