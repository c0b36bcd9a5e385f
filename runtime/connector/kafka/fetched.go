package kafka

import (
	"time"

	"github.com/millrace/millrace/runtime/connector"
)

// Fetched is what a poll brought of one partition.
type Fetched struct {
	Partition
	// Records are in offset order; they are borrowed until the visit returns. It is empty when only markers came.
	Records []connector.Record
	// Next is the position after what was fetched, markers included.
	Next int64
	// HighWatermark is the partition's end as the fetch saw it.
	HighWatermark int64
	// LastStable is the offset of the first record that the fetch was not allowed to see: of an open transaction, or the
	// partition's end. Where Next has come that far, the fetch left nothing behind.
	LastStable int64
	// At is when the answer with the records came, and Bytes is how long they are: keys, values, headers and what frames them, unpacked.
	At    time.Time
	Bytes int64
}
