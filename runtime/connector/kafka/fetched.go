package kafka

import "github.com/millrace/millrace/runtime/connector"

// Fetched is what a poll brought of one partition.
type Fetched struct {
	Partition
	// Records are in offset order; they are borrowed until the visit returns. It is empty when only markers came.
	Records []connector.Record
	// Next is the position after what was fetched, markers included.
	Next int64
	// HighWatermark is the partition's end as the fetch saw it.
	HighWatermark int64
}
