package exchange

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Config is what a writer needs to know.
type Config struct {
	// Topic is the exchange's topic and Partitions their number.
	Topic      string
	Partitions int
	// JobEpoch goes into every record.
	JobEpoch int64
	// Kinds are the columns, Keys the positions of those that are hashed; none sends all rows to partition 0.
	Kinds []types.Kind
	Keys  []int
	// BoundaryMicros and BoundaryOffsetMicros are the window grid behind the exchange: a watermark that crosses a line of
	// it is stated with the next commit. A BoundaryMicros of 0 is no grid, then statements go by time alone.
	BoundaryMicros, BoundaryOffsetMicros int64
	// WindowEnd is the position of the column with the window's end, or -1; builds with the tag `invariants` check the
	// claims by it.
	WindowEnd int
	// WindowEndAfterMicros is added to it: of sessions the column is the row's time, and this the gap.
	WindowEndAfterMicros int64
	// RecordBytes and TotalBytes are DefaultRecordBytes and DefaultTotalBytes when they are 0.
	RecordBytes, TotalBytes int
}

// Emit takes the records.
type Emit interface {
	// Tail returns an empty slice for the value of the next record to the partition, with room for n bytes: what is appended to it and
	// emitted next is not copied again.
	Tail(topic string, partition int32, n int) []byte
	Emit(topic string, partition int32, key, value []byte) error
}

// BadRows decides about rows that are too large to move.
type BadRows interface {
	Bad(b *batch.Batch, i int, cause error) error
}
