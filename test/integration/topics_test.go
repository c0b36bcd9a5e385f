//go:build integration

package integration_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/types"
)

const firstMillis = 1_000_000_000 // event time of the first row

// TestATopicThatGrowsIsReadFromItsBeginning adds partitions to the input of a job that runs. Its epoch goes on with those that it has; the next
// one reads the others from their first records, each row once. What they bring is an hour ahead of the rest, and moves nobody's watermark.
func TestATopicThatGrowsIsReadFromItsBeginning(t *testing.T) {
	const hour, grown = 3_600_000, partitions + 2
	j := newJob(t)
	j.http = true
	j.extra = []string{"--state-epoch", "1"}
	have := truth{counts: map[string]int64{}}
	j.start(0)
	j.start(1)
	j.write(&have, 0, partitions, firstMillis, 400)
	j.await("the first rows are read", func() bool { return j.hasRead(2*partitions, have.rows) })

	admin := kadm.NewClient(j.client)
	if resp, err := admin.UpdatePartitions(t.Context(), grown, "rows_in"); err != nil || resp.Error() != nil {
		t.Fatal(err, resp.Error())
	}
	j.await("the new partitions are there", func() bool {
		list, err := admin.ListTopics(t.Context(), "rows_in")
		return err == nil && len(list["rows_in"].Partitions) == grown
	})
	client, err := kgo.NewClient(kgo.SeedBrokers(j.broker.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner())) // the old one learns of them in minutes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	j.client = client
	const early = 200
	j.write(&have, partitions, grown, firstMillis+hour, early)
	j.write(&have, 0, partitions, firstMillis+10_000, 400)
	j.await("the epoch goes on with what it has", func() bool { return j.hasRead(2*partitions, have.rows-early) })

	j.retire(0)
	j.retire(1)
	j.wg.Wait()
	j.epoch = 2
	j.start(0)
	j.start(1)
	j.await("the next epoch has all partitions, and has read them", func() bool { return j.hasRead(grown+partitions, have.rows) })
	j.write(&have, 0, partitions, firstMillis+20_000, 100) // their commit carries the watermarks of all
	j.await("the rows after it are read", func() bool { return j.hasRead(grown+partitions, have.rows) })
	ahead := types.Watermark((firstMillis + hour/2) * 1000)
	for ordinal := range 2 {
		for _, task := range j.status(ordinal).Tasks {
			if !task.Source && task.Watermark > ahead {
				t.Errorf("the watermark of %s is at %d, and most partitions are an hour behind", task.ID, task.Watermark)
			}
		}
	}
	j.close(&have, grown)
	j.check(have)
	j.stop()
}

// TestATopicThatIsCutUnderTheJobStopsIt deletes records that a stopped worker has not read. It ends with an error that names them, again each
// time that it is started: nothing is skipped, and nothing behind the gap is read.
func TestATopicThatIsCutUnderTheJobStopsIt(t *testing.T) {
	j := newJob(t)
	j.http = true
	j.start(0)
	have := truth{counts: map[string]int64{}}
	j.write(&have, 0, partitions, firstMillis, 400)
	j.await("the first rows are read", func() bool { return j.hasRead(2*partitions, have.rows) })
	time.Sleep(time.Second) // and committed
	j.signal(0, syscall.SIGSTOP)
	const more, kept, holed = 400, 10, 2
	j.write(&have, 0, partitions, firstMillis+10_000, partitions) // the answer to what it has asked for already
	read := have.rows
	j.write(&have, 0, partitions, firstMillis+11_000, more)
	admin := kadm.NewClient(j.client)
	ends, err := admin.ListEndOffsets(t.Context(), "rows_in")
	if err != nil {
		t.Fatal(err)
	}
	cut := kadm.Offsets{}
	cut.Add(kadm.Offset{Topic: "rows_in", Partition: holed, At: ends["rows_in"][holed].Offset - kept})
	if resp, err := admin.DeleteRecords(t.Context(), cut); err != nil || resp.Error() != nil {
		t.Fatal(err, resp.Error())
	}
	j.signal(0, syscall.SIGCONT)
	want := []byte("its records were deleted before they were read")
	j.await("it says so, and says so again when it is started again", func() bool {
		text, err := os.ReadFile(filepath.Join(j.folder, "w0.log"))
		return err == nil && bytes.Count(text, want) >= 2
	})
	j.stop()
	copied := j.copied()
	for i := range int64(more) {
		if id := read + 1 + i; i%partitions == holed && i >= more-kept*partitions && copied[id] {
			t.Errorf("row %d, from behind the gap, was read", id)
		}
	}
}

// write puts rows into partitions in turn, a row each ten milliseconds of event time, and counts them.
func (j *job) write(have *truth, from, to int32, millis int64, rows int) {
	j.t.Helper()
	for i := range rows {
		have.rows++
		ts, k := millis+int64(i)*10, "k"+strconv.Itoa(i%50)
		have.counts[k+"@"+strconv.FormatInt(ts/windowMillis*windowMillis, 10)]++
		j.row(from+int32(i)%(to-from), row{k, have.rows, ts})
	}
	if err := j.client.Flush(j.t.Context()); err != nil {
		j.t.Fatal(err)
	}
}

// close ends all windows.
func (j *job) close(have *truth, partitions int32) {
	j.t.Helper()
	for p := range partitions {
		have.rows++
		j.row(p, row{"end", have.rows, firstMillis + 1_000_000_000})
	}
	if err := j.client.Flush(j.t.Context()); err != nil {
		j.t.Fatal(err)
	}
}

func (j *job) row(partition int32, r row) {
	value, err := json.Marshal(r)
	if err != nil {
		j.t.Fatal(err)
	}
	j.client.Produce(j.t.Context(), &kgo.Record{Topic: "rows_in", Partition: partition, Value: value}, func(_ *kgo.Record, err error) {
		if err != nil {
			j.t.Error(err)
		}
	})
}

// hasRead says that the workers have so many tasks, all together, and that these have read so many rows of the input.
func (j *job) hasRead(tasks int, rows int64) bool {
	for ordinal := range 2 {
		for _, task := range j.status(ordinal).Tasks {
			tasks--
			if task.Source {
				rows -= task.Position
			}
		}
	}
	return tasks == 0 && rows == 0
}

// copied reads the ids of the rows that were copied and committed.
func (j *job) copied() map[int64]bool {
	j.t.Helper()
	ends, err := kadm.NewClient(j.client).ListCommittedOffsets(j.t.Context(), "copies")
	if err != nil {
		j.t.Fatal(err)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(j.broker.Address()), kgo.ConsumeTopics("copies"), kgo.KeepControlRecords(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		j.t.Fatal(err)
	}
	defer cl.Close()
	left := 0
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left++
		}
	})
	ids := map[int64]bool{}
	for left > 0 && j.t.Context().Err() == nil {
		cl.PollFetches(j.t.Context()).EachRecord(func(r *kgo.Record) {
			if end, ok := ends.Lookup("copies", r.Partition); ok && r.Offset == end.Offset-1 {
				left--
			}
			if r.Attrs.IsControl() {
				return
			}
			var v row
			if err := json.Unmarshal(r.Value, &v); err != nil {
				j.t.Errorf("%s: %v", r.Value, err)
			}
			ids[v.ID] = true
		})
	}
	return ids
}
