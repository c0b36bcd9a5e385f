package autoscale

import "time"

// Sample is what was seen of a job's workers at a moment. It is complete where every worker that there is has answered.
type Sample struct {
	// At is when it was taken.
	At time.Time
	// Wanted is the number of workers that were asked for, Ready of those that are ready.
	Wanted, Ready int
	// Silent names workers that are ready and did not answer, and Why says what kept the first of them from it.
	Silent []string
	Why    string
	// Workers are those that answered.
	Workers []Worker
}

// Worker is what a worker has said. Its counters begin at 0 when its process starts.
type Worker struct {
	// Name tells it from others.
	Name string
	// Busy, Backpressure, Commit and Idle are what its loop did with its time, in seconds.
	Busy, Backpressure, Commit, Idle float64
	// Tasks are those that it has.
	Tasks []Task
}

// Task is one stage on one partition, in a worker.
type Task struct {
	// Stage and Partition name it.
	Stage     string
	Partition int32
	// Source says that it reads a topic of the user's.
	Source bool
	// Rows counts the rows that it took in this worker, Busy the seconds that the worker spent on them.
	Rows, Busy float64
	// Lag is how many records of its partition it has not read.
	Lag int64
}

// id names a task whichever worker has it.
type id struct {
	stage     string
	partition int32
}

// tasks counts the different tasks of a sample.
func (s *Sample) tasks() int {
	seen := map[id]bool{}
	for i := range s.Workers {
		for _, t := range s.Workers[i].Tasks {
			seen[id{t.Stage, t.Partition}] = true
		}
	}
	return len(seen)
}
