package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Below transaction version 2 (KIP-890) a transaction is told of its partitions by AddPartitionsToTxn, and of the group's
// offsets by AddOffsetsToTxn. The versions of other requests that do that by themselves must not be used then.
const (
	implicitAddVersion       = 2
	explicitTxnOffsetVersion = 4
	explicitProduceVersion   = 11
	explicitEndTxnVersion    = 4
)

// transactionVersion asks for the broker's finalized transaction.version; 0 where it has none.
func transactionVersion(ctx context.Context, client *kgo.Client) (int16, error) {
	resp, err := kmsg.NewPtrApiVersionsRequest().RequestWith(ctx, client)
	if err != nil {
		return 0, wrap(err, "ask a broker for its features")
	}
	for _, f := range resp.FinalizedFeatures {
		if f.Name == "transaction.version" {
			return f.MaxVersionLevel, nil
		}
	}
	return 0, nil
}

// initProducerID claims an earlier id and epoch, or none where they are -1.
func initProducerID(ctx context.Context, client *kgo.Client, transactionalID string, id int64, epoch int16) (*kmsg.InitProducerIDResponse, error) {
	req := kmsg.NewPtrInitProducerIDRequest()
	req.TransactionalID, req.TransactionTimeoutMillis = &transactionalID, int32(transactionTimeout.Milliseconds()) //nolint:gosec // ten seconds
	req.ProducerID, req.ProducerEpoch = id, epoch
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	return resp, kerr.ErrorForCode(resp.ErrorCode)
}

// sendOffsets adds the offsets to the open transaction. The group fences the member (id, generation, instance), the
// transaction's coordinator fences the producer (id, epoch).
func (p *Producer) sendOffsets(ctx context.Context, m *Member, offsets []Committed) error {
	id, epoch := p.sender.producerID, p.sender.epoch
	if p.version < implicitAddVersion {
		add := kmsg.NewPtrAddOffsetsToTxnRequest()
		add.TransactionalID, add.ProducerID, add.ProducerEpoch, add.Group = p.id, id, epoch, m.group.Group
		resp, err := add.RequestWith(ctx, m.client)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err != nil {
			return wrap(err, "add offsets to the transaction of %s", p.id)
		}
	}
	req := kmsg.NewPtrTxnOffsetCommitRequest()
	req.TransactionalID, req.Group, req.ProducerID, req.ProducerEpoch = p.id, m.group.Group, id, epoch
	var err error
	if req.MemberID, req.Generation, err = m.place(); err != nil {
		return err
	}
	req.InstanceID = new(m.group.Name(m.group.Ordinal))
	req.Topics = m.requestTopics(offsets)
	resp, err := req.RequestWith(ctx, m.client)
	if err != nil {
		return wrap(err, "commit offsets as %s", p.id)
	}
	for _, t := range resp.Topics {
		for _, rp := range t.Partitions {
			if err := kerr.ErrorForCode(rp.ErrorCode); err != nil {
				return wrap(err, "commit the offset of %s as %s in generation %d", Partition{t.Topic, rp.Partition}, p.id, req.Generation)
			}
		}
	}
	return nil
}

// requestTopics fills in name and id of each topic: versions up to 5 send the name, 6 sends the id.
func (m *Member) requestTopics(offsets []Committed) []kmsg.TxnOffsetCommitRequestTopic {
	var topics []kmsg.TxnOffsetCommitRequestTopic
	at := map[string]int{}
	for _, o := range offsets {
		i, ok := at[o.Topic]
		if !ok {
			i = len(topics)
			at[o.Topic] = i
			t := kmsg.NewTxnOffsetCommitRequestTopic()
			t.Topic, t.TopicID = o.Topic, m.topicIDs[o.Topic]
			topics = append(topics, t)
		}
		rp := kmsg.NewTxnOffsetCommitRequestTopicPartition()
		rp.Partition, rp.Offset, rp.Metadata = o.Number, o.Offset, new(o.Metadata)
		topics[i].Partitions = append(topics[i].Partitions, rp)
	}
	return topics
}
