package kafka

import (
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
)

// outbox is what is on its way to one partition.
//
//	records ─► open ─► waiting │ waiting │ under way ─► the leader
//
// One batch is under way at a time: what is sent again after a failure then has the same sequence number and nothing has
// overtaken it, so that the broker knows it, whatever became of the answer.
type outbox struct {
	Partition
	tracked bool // the producer keeps the offset of its last record

	// Of the goroutine that emits.
	open   recordbatch.Writer
	since  time.Time // when the open batch got its first record
	last   int       // bytes of the batch before
	number int64     // of the last transaction that it had a record of

	// The sender's lock guards the rest.
	waiting  []*parcel // the first one may be under way
	state    outboxState
	failures int // of the first one
	sequence int32
	added    bool // to the transaction, by AddPartitionsToTxn
}

// outboxState says who may touch the first parcel.
type outboxState int8

const (
	outboxIdle  outboxState = iota // it has none
	outboxReady                    // it is in the sender's list
	outboxBusy                     // a request has it, or it pauses after a failure
)

// parcel is a closed batch.
type parcel struct {
	box      *outbox
	batch    recordbatch.Writer
	bytes    int64 // as they count against the bounds
	count    int32
	sequence int32
	wire     []byte // sealed, when it was sent once
}
