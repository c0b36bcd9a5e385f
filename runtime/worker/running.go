package worker

import (
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

// running is a task that this worker runs.
type running struct {
	*task.Task
	in        kafka.Partition
	changelog kafka.Partition // of a task with state
	store     state.Store     // nil for a task without state
	log       string          // id of the changelog topic
	stage     int
	source    bool
	split     split         // of a source whose records are made; nil where Kafka has them
	end       int64         // of the input, when it was last seen
	slow      bool          // it took so long for the last fetch that the end is another one by now
	limit     *int64        // where the source ends whatever comes behind; nil where Config.Ends is
	open      reading       // since the last commit
	bytesIn   int64         // committed
	fetched   bool          // something was, since the task is here
	behind    bool          // the last fetch left committed records unread
	mustSeek  bool          // after an abort: what is polled doesn't count until the consumer was sent back
	changed   int64         // bytes that the changelog grew by since the last snapshot was begun
	kept      int64         // bytes that the store held before, as far as they are not in copy
	held      bool          // it takes no input for now
	stopped   bool          // and none is fetched
	waits     control.Waits // what for
	finished  bool          // bounded input read to its end, and committed

	spent      spending      // of its time, up to seenAt
	seenAt     time.Time     // when that was last looked at
	seenWaited time.Duration // how long the loop had waited by then
	worked     time.Duration // what it was busy since

	load load

	cut   int64     // the changelog was deleted up to here, behind a lap
	cutAt time.Time // when to try that again

	copyAt time.Time         // when the next snapshot is due
	copy   *control.Snapshot // the newest one known

	share *share // of a savepoint, while it is written

	importing *importing // of a savepoint that the task begins from, while it is read
	imported  bool       // it was read to its end, and is not committed yet
	importAt  time.Time  // not before it is read again
}

// shut says that the task takes no input now. A commit may have made it so since it was last looked at.
func (r *running) shut() bool { return r.held || r.Held() || r.AwaitsCut() || r.Importing() }

func (r *running) rows() control.Rows {
	p := r.Progress()
	return control.Rows{RecordsIn: p.RecordsIn, In: p.RowsIn, Out: p.RowsOut, Late: p.Late, Bad: p.Bad}
}

func (r *running) status() control.Task {
	end := r.end
	if r.limit != nil {
		end = min(end, *r.limit)
	}
	return control.Task{
		ID: r.ID(), Topic: r.in.Topic, Partition: r.in.Number, Source: r.source,
		Position: r.Position(), End: end, LagRecords: max(0, end-r.Position()), ShedRecords: r.Meta().Shed,
		Watermark: r.Watermark(), Finished: r.finished, Rows: r.rows(), BytesIn: r.bytesIn, Waits: r.waits, Snapshot: r.copy,
		BusySeconds: r.busy().Seconds(), BackpressureSeconds: r.spent.backpressure.Seconds(), IdleSeconds: r.spent.idle.Seconds(), HeldSeconds: r.spent.held.Seconds(),
	}
}

// readBack is about how many bytes somebody reads who has nothing of the task's state.
func (r *running) readBack() int64 {
	if r.copy != nil {
		return r.copy.Bytes + r.changed
	}
	return r.kept + r.changed
}

// close ends the task here. It writes nothing.
func (r *running) close() error {
	r.Close()
	if r.store == nil {
		return nil
	}
	return r.store.Close()
}
