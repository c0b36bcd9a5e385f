package control

import (
	"time"

	"github.com/millrace/millrace/runtime/types"
)

// Status is what a worker says of itself. It is a value: nobody changes it once it is published.
type Status struct {
	// Phase is what the worker is doing.
	Phase Phase `json:"phase"`
	// Epoch and Ordinal say which worker it is.
	Epoch   int64 `json:"epoch"`
	Ordinal int   `json:"ordinal"`
	// Tasks are the worker's tasks, by stage and partition.
	Tasks []Task `json:"tasks"`
	// Partitions is the number of tasks that the whole job has.
	Partitions int `json:"partitions"`
	// Rows are the sums over all tasks that the worker has had since it started.
	Rows Rows `json:"rows"`
	// Bytes are the sums of what the worker has read and written since it started, as far as it is committed.
	Bytes Bytes `json:"bytes"`
	// Processing counts, for each batch of records, the time from its fetch until the commit that covers it was done.
	Processing Latency `json:"processing"`
	// EndToEnd counts by stages, in the order of their ids, how old input records were when their commits were done. A stage whose input is made,
	// or whose records have no timestamps, is not among them.
	EndToEnd []Age `json:"endToEnd,omitempty"`
	// LagRecords is the sum over the worker's source tasks.
	LagRecords int64 `json:"lagRecords"`
	// Watermark is the minimum over the worker's tasks, written as a string.
	Watermark types.Watermark `json:"watermark,string"`
	// Commits, Aborts and Restarts count transactions and returns to the group since the start.
	Commits  int64 `json:"commits"`
	Aborts   int64 `json:"aborts"`
	Restarts int64 `json:"restarts"`
	// Spent is what the worker did with its time since its start, and Shares are the parts of its last five to ten seconds: one
	// that is busy or in backpressure all the time can take no more; one that is idle waits for input.
	Spent  Spent  `json:"spent"`
	Shares Shares `json:"shares"`
	// Restores are the tasks that are being restored, by id.
	Restores []Restore `json:"restores,omitempty"`
	// WarmUps are the tasks that the worker warms up for; they are other workers'.
	WarmUps []WarmUp `json:"warmUps,omitempty"`
	// Restored and Snapshots count since the start.
	Restored  Restored  `json:"restored"`
	Snapshots Snapshots `json:"snapshots"`
	// LastCommit is the time of the last commit; zero before the first.
	LastCommit time.Time `json:"lastCommit,omitzero"`
	// LastCommitTook is how long it took, from its first step to its answer.
	LastCommitTook time.Duration `json:"lastCommitTookNanos,omitzero"`
	// CommitInterval is the longest time between two commits: what the job asks for, or more where their markers would be more than the
	// brokers are given.
	CommitInterval time.Duration `json:"commitIntervalNanos,omitzero"`
	// WorkSince is when the loop began what it is at, of what waits for nobody else: a batch of records, a task's share of a commit, the way of that to
	// the store; zero where it is at none.
	WorkSince time.Time `json:"workSince,omitzero"`
	// At is when the status was taken.
	At time.Time `json:"at"`
}

// StuckAfter is how long the loop may be at one piece of work. The longest ones take seconds.
const StuckAfter = 5 * time.Minute

// Stuck says that the loop has been at one piece of work for so long that it will not come to its end: a disk that does not answer, or a bug.
// Nothing that a worker waits for, brokers or state that is restored, makes it so.
func (s *Status) Stuck(now time.Time) bool {
	return !s.WorkSince.IsZero() && now.Sub(s.WorkSince) >= StuckAfter
}

// Done says that every task of the job is among the worker's and has finished. With several workers, the job is done
// when the Finished tasks of all make up Partitions.
func (s Status) Done() bool { return s.Partitions > 0 && s.FinishedTasks() == s.Partitions }

// FinishedTasks counts the tasks whose bounded input was read to its end and committed.
func (s Status) FinishedTasks() int {
	n := 0
	for _, t := range s.Tasks {
		if t.Finished {
			n++
		}
	}
	return n
}

// Task is one stage on one partition.
type Task struct {
	// ID is "<stage>/<partition>".
	ID string `json:"id"`
	// Topic and Partition are its input, Source whether that is a user's topic.
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Source    bool   `json:"source"`
	// Position is the next offset to read, markers included; End is the partition's end when it was last seen.
	Position int64 `json:"position"`
	End      int64 `json:"end"`
	// LagRecords is End - Position: offsets, markers included.
	LagRecords int64 `json:"lagRecords"`
	// ShedRecords is how many offsets were left out under `overload: Shed` since the state epoch began, as committed, in whatever worker.
	ShedRecords int64 `json:"shedRecords,omitempty"`
	// Watermark is the task's own, written as a string.
	Watermark types.Watermark `json:"watermark,string"`
	// Finished says that the input has come to its end, a bounded one or that of a job that was drained, and that this is committed.
	Finished bool `json:"finished,omitempty"`
	// Rows counts what the task has done in this worker.
	Rows Rows `json:"rows"`
	// BytesIn is what the task has read in this worker, as far as it is committed.
	BytesIn int64 `json:"bytesIn"`
	// Waits says what the task takes no input for, empty when it does.
	Waits Waits `json:"waits,omitempty"`
	// The seconds that the task is in this worker, by what the loop did with them: BusySeconds were spent on its records and its
	// part of commits; in BackpressureSeconds it had input at hand, and brokers did not take what was written, or a commit;
	// in HeldSeconds it took no input, as Waits says; IdleSeconds are the rest: nothing was there to read, or other tasks were at work.
	BusySeconds         float64 `json:"busySeconds"`
	BackpressureSeconds float64 `json:"backpressureSeconds"`
	IdleSeconds         float64 `json:"idleSeconds"`
	HeldSeconds         float64 `json:"heldSeconds"`
	// Snapshot is the newest snapshot that this worker has taken or found of the task; nil before.
	Snapshot *Snapshot `json:"snapshot,omitempty"`
}

// Rows counts rows.
type Rows struct {
	RecordsIn int64 `json:"recordsIn"`
	In        int64 `json:"in"`
	Out       int64 `json:"out"`
	Late      int64 `json:"late"`
	Bad       int64 `json:"bad"`
}

// Plus returns the sum.
func (r Rows) Plus(q Rows) Rows {
	return Rows{r.RecordsIn + q.RecordsIn, r.In + q.In, r.Out + q.Out, r.Late + q.Late, r.Bad + q.Bad}
}
