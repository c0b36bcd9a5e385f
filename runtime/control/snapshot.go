package control

import "time"

// Snapshot is a copy of a task's state in the blob store.
type Snapshot struct {
	// Commit and Offset say which commit it equals, and where in the changelog to go on.
	Commit int64 `json:"commit"`
	Offset int64 `json:"offset"`
	// TakenAt is when the state was that.
	TakenAt time.Time `json:"takenAt"`
	// Bytes and Rows count what is stored.
	Bytes int64 `json:"bytes"`
	Rows  int64 `json:"rows"`
}

// Snapshots counts what a worker has copied since its start.
type Snapshots struct {
	// Taken and Failed count snapshots, Bytes what was uploaded for them.
	Taken  int64 `json:"taken"`
	Failed int64 `json:"failed"`
	Bytes  int64 `json:"bytes"`
	// Last is the time of the last one; zero before the first.
	Last time.Time `json:"last,omitzero"`
}
