package kafka

import "time"

// cursor is how far a partition was fetched. A seek or a new assignment makes another one, so that an answer to what
// was asked before is known by its cursor. The fetcher's lock guards it.
type cursor struct {
	Partition
	// next is asked for next: what lies before was fetched, though not all of it may have been read yet.
	next int64
	// epoch is that of the last batch fetched, -1 before the first; leaderEpoch that of the leader who was asked last.
	epoch, leaderEpoch int32
	// busy says that a request is under way, or that the cursor pauses after a failure.
	busy     bool
	failures int // since the last success
	// refused is when the broker first said, since the last success, that there is nothing to read here.
	refused time.Time
}

func newCursor(p Partition, at int64) *cursor {
	return &cursor{Partition: p, next: at, epoch: -1, leaderEpoch: -1}
}

// doubted says that the position must be compared with the log of a new leader before anything is fetched from it: the
// log may have been cut back (KIP-320).
func (c *cursor) doubted(leaderEpoch int32) bool {
	return c.epoch >= 0 && c.leaderEpoch >= 0 && leaderEpoch > c.leaderEpoch
}

// succeeded forgets earlier failures.
func (c *cursor) succeeded() { c.failures, c.refused = 0, time.Time{} }
