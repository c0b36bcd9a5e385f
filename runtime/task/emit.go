package task

// Emit takes what a task writes; the worker's transactional producer stands behind it. All emissions between two
// commits belong to one transaction. A partition of -1 leaves the choice to the producer.
//
// Key and value may be kept, uncopied, until they are answered or the transaction is over: the task makes them in the
// worker's Arena, which knows. They must not be written to. An error stops the task; the transaction is to be aborted.
type Emit interface {
	Emit(topic string, partition int32, key, value []byte) error
}
