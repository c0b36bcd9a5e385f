package state

// Position says which commit a store equals. The zero value is the empty store of a task that has never committed.
type Position struct {
	// Offset is the next changelog offset to replay: everything before it is in the store.
	Offset int64
	// Commit is the number of the task's last commit in the store.
	Commit int64
	// Meta is the task's own record of that commit (watermarks by channel, source offsets), opaque here.
	Meta []byte
}

// Store is the committed state of one task: an ordered map of byte strings. One goroutine uses it at a time.
type Store interface {
	// Get returns the value of a key; the bytes are valid until the next call.
	Get(key []byte) (value []byte, found bool, err error)
	// Scan visits the keys in [lower, upper) in ascending order; a nil upper is the end. Key and value are valid inside
	// visit only; an error of visit ends the scan and is returned.
	Scan(lower, upper []byte, visit func(key, value []byte) error) error
	// Apply makes changes and position durable together, or neither.
	Apply(changes *Changes, at Position) error
	// Position returns what the last Apply said.
	Position() Position
	// Close releases the task's part of the backend; the data stay.
	Close() error
}

// Bucketed is a Store that is faster when it knows how keys are used.
type Bucketed interface {
	// Bucket says that keys which begin with prefix and have at least length bytes more are looked up one by one, but
	// scanned and deleted in ranges only together with those that share these bytes. No answer depends on it; it is said
	// each time that a store is opened. No prefix may be the beginning of another.
	Bucket(prefix []byte, length int) error
}

// Backend makes stores. One backend serves all tasks of a worker and is safe for concurrent use.
type Backend interface {
	// Open returns the store of a task, empty or as it was left. A task is "<stage>/<partition>".
	Open(task string) (Store, error)
	// Drop deletes what is kept of a task; no store of it may be open.
	Drop(task string) error
	// Close closes the backend; all stores must be closed.
	Close() error
}
