package kafka

// Committed is what the group's offset of a partition says.
type Committed struct {
	Partition
	// Offset is the next offset to read; -1 where none is committed.
	Offset int64
	// Metadata is what was committed with it.
	Metadata string
}
