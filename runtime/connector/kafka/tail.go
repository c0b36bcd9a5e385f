package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

// Tail shows the committed records of one partition from an offset on, in the order of the log, as they come: what Replay does up to an end. One
// goroutine uses it.
type Tail struct {
	client *kgo.Client
	at     Partition
	next   int64
}

// NewTail returns a tail; nothing is sent yet.
func NewTail(o Options, at Partition, from int64) (*Tail, error) {
	client, err := kgo.NewClient(o.client(kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(followMaxWait),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{at.Topic: {at.Number: kgo.NewOffset().At(from)}}))...)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a reader")
	}
	return &Tail{client, at, from}, nil
}

// Next returns the offset after the last one that was read, markers included.
func (t *Tail) Next() int64 { return t.next }

// Poll waits for records until ctx ends, and shows those that there are. An error of visit ends it, and is returned. An offset that
// the log does not have any more, or not yet, is an error.
func (t *Tail) Poll(ctx context.Context, visit func(offset int64, value []byte) error) error {
	fetches := t.client.PollFetches(ctx)
	for _, e := range fetches.Errors() {
		if fetchError(e.Err) != nil {
			return wrap(e.Err, "read %s", t.at)
		}
	}
	for it := fetches.RecordIter(); !it.Done(); {
		r := it.Next()
		if !r.Attrs.IsControl() {
			if err := visit(r.Offset, r.Value); err != nil {
				return err
			}
		}
		t.next = r.Offset + 1
	}
	return nil
}

// Close ends the tail.
func (t *Tail) Close() { t.client.Close() }
