package control

// Restore is how far the restoring of a task is.
type Restore struct {
	// Task is its id.
	Task string `json:"task"`
	// Snapshot counts what comes from a snapshot: bytes of the store's files, and rows. It is zero where the local state
	// or the changelog is enough.
	Snapshot Amount `json:"snapshot"`
	// Changelog counts what comes from the changelog: bytes, of which nobody knows the total before, and offsets.
	Changelog Amount `json:"changelog"`
}

// WarmUp is how far a worker is with warming up for a task that another one still has: it reads the task's state, and gets the task once it
// follows its commits.
type WarmUp struct {
	Restore
	// Warm says that it does, so that the task can move.
	Warm bool `json:"warm"`
	// Failures counts the attempts that broke off. The next one comes by itself.
	Failures int `json:"failures,omitempty"`
}

// Amount is how much of something is done.
type Amount struct {
	Bytes      int64 `json:"bytes"`
	BytesTotal int64 `json:"bytesTotal,omitempty"`
	Rows       int64 `json:"rows"`
	RowsTotal  int64 `json:"rowsTotal"`
}

// Restored counts what a worker has read back since its start, warm-ups included.
type Restored struct {
	// Bytes are those of snapshots' files and of changelog records, Rows the keys of snapshots, Records the changelog's.
	Bytes   int64 `json:"bytes"`
	Rows    int64 `json:"rows"`
	Records int64 `json:"records"`
	// Refused counts snapshots that were passed over, damaged or of no use.
	Refused int64 `json:"refused"`
	// WarmUps counts the tasks that the worker was warm for.
	WarmUps int64 `json:"warmUps"`
}
