package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	followMaxWait       = 5 * time.Second
	appendTimeoutMillis = 5000
)

// Follower shows the records of one partition as they come, to whoever is no member of a group. One goroutine uses it.
type Follower struct {
	client *kgo.Client
	at     Partition
	end    int64 // of the log, when the follower was made
	next   int64
}

// NewFollower returns a follower that begins with the first record there is.
func NewFollower(ctx context.Context, o Options, at Partition) (*Follower, error) {
	client, err := kgo.NewClient(o.client(kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(followMaxWait),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{at.Topic: {at.Number: kgo.NewOffset().AtStart()}}))...)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a reader")
	}
	f := &Follower{client: client, at: at}
	ends, err := offsetsOf(ctx, kadm.NewClient(client).ListEndOffsets, []string{at.Topic})
	if err == nil && ends[at] > 0 {
		f.end = ends[at]
		starts, e := offsetsOf(ctx, kadm.NewClient(client).ListStartOffsets, []string{at.Topic})
		f.next, err = starts[at], e
	}
	if err != nil {
		client.Close()
		return nil, err
	}
	return f, nil
}

// CaughtUp says that everything was shown that the log held when the follower was made.
func (f *Follower) CaughtUp() bool { return f.next >= f.end }

// Poll waits for records until ctx ends, and shows those that there are. An error of visit ends it, and is returned.
func (f *Follower) Poll(ctx context.Context, visit func(offset int64, value []byte) error) error {
	fetches := f.client.PollFetches(ctx)
	for _, e := range fetches.Errors() {
		if fetchError(e.Err) != nil {
			return wrap(e.Err, "read %s", f.at)
		}
	}
	for it := fetches.RecordIter(); !it.Done(); {
		r := it.Next()
		f.next = r.Offset + 1
		if r.Attrs.IsControl() {
			continue
		}
		if err := visit(r.Offset, r.Value); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the follower.
func (f *Follower) Close() { f.client.Close() }

// Read shows the records that a partition holds now, in their order, and returns when it has shown them all. An error of visit ends it, and
// is returned.
func (a *Admin) Read(ctx context.Context, at Partition, visit func(offset int64, value []byte) error) error {
	f, err := NewFollower(ctx, a.options, at)
	if err != nil {
		return err
	}
	defer f.Close()
	for !f.CaughtUp() {
		if err := f.Poll(ctx, visit); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return fault.Wrap(fault.Transient, context.Cause(ctx), "read %s", at)
		}
	}
	return nil
}

// Append writes one record to the end of a partition, in no transaction, and returns its offset. When the answer is lost it may be
// written twice.
func (a *Admin) Append(ctx context.Context, at Partition, value []byte) (offset int64, err error) {
	details, err := a.admin.ListTopics(ctx, at.Topic)
	if err == nil {
		err = details[at.Topic].Err
	}
	if err != nil {
		return 0, wrap(err, "find %s", at)
	}
	return a.append(ctx, at, details[at.Topic], value)
}

func (a *Admin) append(ctx context.Context, at Partition, topic kadm.TopicDetail, value []byte) (int64, error) {
	part, ok := topic.Partitions[at.Number]
	if !ok {
		return 0, fault.New(fault.User, fault.Place{}, "there is no %s", at)
	}
	if part.Err != nil {
		return 0, wrap(part.Err, "find %s", at)
	}
	var w recordbatch.Writer
	w.Append(time.Now().UnixMilli(), nil, value)
	batch, err := w.Seal(recordbatch.Identity{ProducerID: -1, Epoch: -1, Sequence: -1}, recordbatch.None, nil, nil)
	if err != nil {
		return 0, err
	}
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, appendTimeoutMillis
	t := kmsg.NewProduceRequestTopic()
	t.Topic, t.TopicID = at.Topic, topic.ID
	p := kmsg.NewProduceRequestTopicPartition()
	p.Partition, p.Records = at.Number, batch
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	resp, err := req.RequestWith(ctx, a.client.Broker(int(part.Leader)))
	if err != nil {
		return 0, wrap(err, "write to %s", at)
	}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			return p.BaseOffset, wrap(kerr.ErrorForCode(p.ErrorCode), "write to %s", at)
		}
	}
	return 0, fault.New(fault.Transient, fault.Place{}, "the broker's answer has nothing of %s", at)
}
