package sim

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Txn names a transaction logically, so that a plan means the same in every run. What a worker without transactions does up
// to a commit of offsets stands for one.
type Txn struct {
	ID string // transactional id, or the client's id where there is none
	N  int    // 1 for the id's first transaction; retries of its EndTxn keep the number
}

// Point is one attempt of one request of a transaction.
type Point struct {
	Txn
	Key kmsg.Key
	Try int // from 1, per transaction and key
}

// Fault says what happens to a request and its sender, by the word for it in a script.
type Fault string

// The faults. The zero Fault is none.
const (
	NoFault     Fault = ""
	CutBefore   Fault = "cut-before"   // the connection is cut, the broker never sees the request
	CutAfter    Fault = "cut-after"    // the broker applies it, the answer is lost
	CrashBefore Fault = "crash-before" // the sender dies before the request is seen
	CrashAfter  Fault = "crash-after"  // the sender dies after it was applied
	Hang        Fault = "hang"         // the sender is cut off for longer than its session, and then goes on
)

// Restart is how a worker that died comes back.
type Restart struct {
	// After is how long its place is empty.
	After time.Duration
	// DiskLost says that it finds an empty disk, instead of what was synced before the crash.
	DiskLost bool
}

// Plan is what goes wrong in a run. Its functions are called from many goroutines and answer the same for the same
// arguments; a nil one means nothing. Delays count from the broker's answer to EndTxn. A Script is a plan as text.
type Plan struct {
	// Schedule is what happens at fixed times, in order.
	Schedule []Event
	// Restart says how a worker comes back after its n-th death, counted from 0.
	Restart func(worker, n int) Restart
	// Marker is how long the transaction's marker takes to reach a partition that it wrote to.
	Marker func(t Txn, topic string, partition int32) time.Duration
	// Offsets is the same for the offset of one partition in a group.
	Offsets func(t Txn, group, topic string, partition int32) time.Duration
	// Fault is asked before each request that belongs to a transaction.
	Fault func(p Point) Fault
}
