package task

// Emit takes what a task writes; the worker's producer stands behind it. Where commits are transactions all emissions between two
// commits belong to one transaction. A partition of -1 leaves the choice to the producer. An error stops the task; the
// transaction is to be aborted, or the task closed.
type Emit interface {
	// Tail returns an empty slice for the value of the next record to the partition, with room for n bytes or so: what is appended to
	// it and emitted next is not copied again. It is good until the next call.
	Tail(topic string, partition int32, n int) []byte
	// Emit takes a record. Key and value are the caller's again when it returns.
	Emit(topic string, partition int32, key, value []byte) error
}
