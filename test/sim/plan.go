package sim

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Txn names a transaction logically, so that a plan means the same in every run.
type Txn struct {
	ID string // transactional id
	N  int    // 1 for the id's first transaction; retries of its EndTxn keep the number
}

// Point is one attempt of one request of a transaction.
type Point struct {
	Txn
	Key kmsg.Key
	Try int // from 1, per transaction and key
}

// Fault says what happens to a request and its sender.
type Fault int8

// The faults. The zero Fault is none.
const (
	NoFault     Fault = iota
	CutBefore         // the connection is cut, the broker never sees the request
	CutAfter          // the broker applies it, the answer is lost
	CrashBefore       // the sender dies before the request is seen
	CrashAfter        // the sender dies after it was applied
	Hang              // the sender is cut off for longer than its session, and then goes on
)

// Plan is a fault plan. Its functions are called from many goroutines and answer the same for the same arguments; a nil
// one means no fault. Delays count from the broker's answer to EndTxn.
type Plan struct {
	// Marker is how long the transaction's marker takes to reach a partition that it wrote to.
	Marker func(t Txn, topic string, partition int32) time.Duration
	// Offsets is the same for the offset of one partition in a group.
	Offsets func(t Txn, group, topic string, partition int32) time.Duration
	// Fault is asked before each request that belongs to a transaction.
	Fault func(p Point) Fault
}
