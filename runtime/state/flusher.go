package state

// Flusher is a Backend that makes commits durable some time after they were applied.
type Flusher interface {
	// Flush returns when all that was applied before the call is durable. It is safe for concurrent use.
	Flush() error
}
