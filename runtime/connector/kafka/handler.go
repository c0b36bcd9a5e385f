package kafka

import "context"

// Handler is told what becomes of a member's partitions. Its methods are called one at a time, on the member's own
// goroutine, never between a Poll that brought records and the Release after it. The context ends with the member.
type Handler interface {
	// Joined says that the member is in, before its offsets are fetched: the moment to end what a predecessor left open.
	Joined(ctx context.Context) error
	// Open says what new partitions start from. They are fetched after it returns nil.
	Open(ctx context.Context, partitions []Committed) error
	// Revoked says that partitions go to another member once it returns.
	Revoked(ctx context.Context, partitions []Partition)
	// Lost says that partitions may be someone else's already.
	Lost(ctx context.Context, partitions []Partition)
}
