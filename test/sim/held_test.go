package sim

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// A worker that begins while its job is asked to stop at a savepoint makes that of where the job stands, before it reads a record: whatever it could not
// process stays unread. The request is in the control topic before the worker is there.
func TestAWorkerThatIsAskedToStopBeforeItBeginsReadsNothing(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		e := era{epoch: firstEpoch, parallel: partitions}
		plan, err := e.plan(job())
		if err != nil {
			t.Fatal(err)
		}
		admin, err := kafka.NewAdmin(s.options)
		if err != nil {
			t.Fatal(err)
		}
		defer admin.Close()
		begin := func(id string) (w *worker.Worker, wait func()) {
			w, err := worker.New(worker.Config{
				Plan: plan, Topics: e.topics(), Epoch: e.epoch, Kafka: s.options, Backend: memory.New(), CommitInterval: commitEvery,
				Savepoints: worker.Savepoints{Blobs: snapshottest.New(), Files: parquet.Files{}}, Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			life, end := context.WithCancel(ctx)
			var running sync.WaitGroup
			running.Go(func() {
				if err := w.Run(life); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			})
			return w, func() { end(); running.Wait() }
		}
		_, first := begin("the first worker")
		sleep(ctx, 2*time.Second) // the topics are there
		first()
		feeding, fed := context.WithTimeout(ctx, 3*time.Second)
		if err := newWorkload(1).feed(feeding, s.client, 1); err != nil && feeding.Err() == nil {
			t.Fatal(err)
		}
		fed()
		now := time.Now()
		ask := command.Record{Kind: command.Savepoint, ID: "sp-1", At: now, Deadline: now.Add(time.Minute), Stop: true}
		if _, err := admin.Append(ctx, kafka.Partition{Topic: e.topics().Control()}, ask.Encode()); err != nil {
			t.Fatal(err)
		}
		second, end := begin("the second worker")
		sleep(ctx, 5*time.Second)
		if read := readBySources(second); read > 0 {
			t.Errorf("it has read %d records", read)
		}
		log := &command.Log{}
		if err := admin.Read(ctx, kafka.Partition{Topic: e.topics().Control()}, func(offset int64, value []byte) error {
			log.Take(offset, value)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if c, _ := log.Find("sp-1"); c.State != command.Finished {
			t.Errorf("the savepoint is %+v", c)
		}
		resume := command.Record{Kind: command.Resume, ID: "sp-1", At: time.Now()}
		if _, err := admin.Append(ctx, kafka.Partition{Topic: e.topics().Control()}, resume.Encode()); err != nil {
			t.Fatal(err)
		}
		sleep(ctx, 5*time.Second)
		if readBySources(second) == 0 {
			t.Error("there was nothing to read: the test sees nothing")
		}
		end()
	})
}

// readBySources is how many records a worker's sources have read; behind exchanges the cuts are records, too.
func readBySources(w *worker.Worker) (n int64) {
	for _, task := range w.Snapshot().Tasks {
		if task.Source {
			n += task.Rows.RecordsIn
		}
	}
	return n
}
