package workerapi

// Report is what a worker says of its time and of its tasks. Counters begin at 0 when its process starts.
type Report struct {
	// Ready says that it has joined its group and restored its tasks.
	Ready bool
	// Busy, Backpressure, Commit and Idle are what its loop did with its time, in seconds.
	Busy, Backpressure, Commit, Idle float64
	// Tasks are its tasks, in no order.
	Tasks []Task
	// Lag is how many records of each partition that it reads it has not read.
	Lag map[Partition]int64
}

// Task is one of a worker's tasks.
type Task struct {
	// Stage and Partition name it.
	Stage     string
	Partition int32
	// Rows are those that it took, Busy the seconds that were spent on them.
	Rows, Busy float64
}

// Partition is a partition of a topic.
type Partition struct {
	Topic  string
	Number int32
}
