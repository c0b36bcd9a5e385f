package lifecycle

import "time"

// Progress is how far a job has come, by its committed offsets.
type Progress struct {
	// LagRecords is the number of input records that are not committed.
	LagRecords int64
	// ReadRecords is the number of input records that are committed, by the offsets of all partitions.
	ReadRecords int64
	// Watermark is the lowest over the input partitions that are not idle; zero when there is none.
	Watermark time.Time
	// Added are the input partitions that the epoch does not know, because they were added after its hand-over.
	Added []string
}
