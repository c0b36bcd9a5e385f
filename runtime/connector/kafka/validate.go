package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// validate asks a new leader where the epoch of the last batch that was fetched ends in its log. Where that is before
// our position, what we have read is not in the log any more: the leader was elected without it (KIP-320). The cursor
// is busy meanwhile. A leader that knows nothing of the epoch (-1) leaves the position as it is: if the log is shorter,
// the next fetch is out of range.
func (f *fetcher) validate(ctx context.Context, c *cursor, leader, leaderEpoch int32) {
	f.mu.Lock()
	next, epoch := c.next, c.epoch
	f.mu.Unlock()
	answer, err := f.endOfEpoch(ctx, c.Partition, leader, leaderEpoch, epoch)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.cursors[c.Partition] != c: // taken away meanwhile
		return
	case err != nil:
		f.postpone([]*cursor{c})
	case answer.EndOffset >= 0 && answer.EndOffset < next:
		f.fail(wrap(&kgo.ErrDataLoss{
			Topic: c.Topic, Partition: c.Number, ConsumedTo: next, ConsumedToEpoch: epoch, ResetTo: answer.EndOffset, ResetToEpoch: answer.LeaderEpoch,
		}, "read %s", c.Partition))
	default:
		c.busy, c.leaderEpoch = false, leaderEpoch
		c.succeeded()
	}
	f.dispatch()
}

func (f *fetcher) endOfEpoch(ctx context.Context, p Partition, leader, leaderEpoch, epoch int32) (*kmsg.OffsetForLeaderEpochResponseTopicPartition, error) {
	rp := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
	rp.Partition, rp.CurrentLeaderEpoch, rp.LeaderEpoch = p.Number, leaderEpoch, epoch
	rt := kmsg.NewOffsetForLeaderEpochRequestTopic()
	rt.Topic, rt.Partitions = p.Topic, append(rt.Partitions, rp)
	req := kmsg.NewPtrOffsetForLeaderEpochRequest()
	req.ReplicaID, req.Topics = -1, append(req.Topics, rt)
	resp, err := req.RequestWith(ctx, f.client.Broker(int(leader)))
	if err != nil {
		return nil, err
	}
	for i := range resp.Topics {
		for j := range resp.Topics[i].Partitions {
			if got := &resp.Topics[i].Partitions[j]; resp.Topics[i].Topic == p.Topic && got.Partition == p.Number {
				return got, kerr.ErrorForCode(got.ErrorCode)
			}
		}
	}
	return nil, kerr.UnknownTopicOrPartition
}
