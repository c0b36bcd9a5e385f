package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
)

// transmit sends one request to a leader, and takes its answer.
func (s *sender) transmit(ctx context.Context, leader int32, parcels []*parcel) {
	var resp *kmsg.ProduceResponse
	err := s.join(ctx, parcels)
	moved := err == nil || errors.Is(err, kerr.UnknownTopicOrPartition)
	if err == nil {
		err = s.seal(parcels)
	}
	if err == nil {
		resp, err = s.produce(parcels).RequestWith(ctx, s.client.Broker(int(leader)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lanes[leader]--
	s.requests--
	code, ok := errors.AsType[*kerr.Error](err)
	switch {
	case err == nil:
		s.arrived(parcels, resp)
	case ok && !retriable(code):
		s.fail(wrap(err, "write to %s", parcels[0].box.Partition))
	default:
		s.again(parcels, moved)
	}
	s.signal()
	s.dispatch()
}

// join adds partitions to the transaction, where the broker doesn't do that by itself.
func (s *sender) join(ctx context.Context, parcels []*parcel) error {
	if !s.explicit {
		return nil
	}
	req := kmsg.NewPtrAddPartitionsToTxnRequest()
	req.TransactionalID, req.ProducerID, req.ProducerEpoch = s.id, s.producerID, s.epoch
	at := map[string]int{}
	for _, p := range parcels {
		if p.box.added { // it is this request's, as long as it is busy
			continue
		}
		i, ok := at[p.box.Topic]
		if !ok {
			i = len(req.Topics)
			at[p.box.Topic] = i
			req.Topics = append(req.Topics, kmsg.AddPartitionsToTxnRequestTopic{Topic: p.box.Topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, p.box.Number)
	}
	if len(req.Topics) == 0 {
		return nil
	}
	resp, err := req.RequestWith(ctx, s.client)
	if err != nil {
		return err
	}
	for _, rt := range resp.Topics {
		for _, rp := range rt.Partitions {
			if e := kerr.ErrorForCode(rp.ErrorCode); e != nil && (err == nil || errors.Is(err, kerr.OperationNotAttempted)) {
				err = e // the one that is not attempted is not the reason
			}
		}
	}
	if err == nil {
		for _, p := range parcels {
			p.box.added = true
		}
	}
	return err
}

// seal completes the batches that are sent for the first time.
func (s *sender) seal(parcels []*parcel) error {
	c := s.compressor()
	defer s.spare(c)
	for _, p := range parcels {
		if p.wire != nil {
			continue
		}
		id := recordbatch.Identity{ProducerID: s.producerID, Epoch: s.epoch, Sequence: p.sequence, Transactional: !s.plain}
		wire, err := p.batch.Seal(id, s.codec, c, nil)
		if err != nil {
			return wrap(err, "compress a batch of %s", p.box.Partition)
		}
		p.wire = wire
	}
	return nil
}

func (s *sender) compressor() *recordbatch.Compressor {
	if s.codec == recordbatch.None {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.compressors); n > 0 {
		c := s.compressors[n-1]
		s.compressors = s.compressors[:n-1]
		return c
	}
	return &recordbatch.Compressor{}
}

func (s *sender) spare(c *recordbatch.Compressor) {
	if c == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.compressors) < laneRequests {
		s.compressors = append(s.compressors, c)
	}
}

// produce is the request with the parcels' batches.
func (s *sender) produce(parcels []*parcel) *kmsg.ProduceRequest {
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, int32(transactionTimeout.Milliseconds()) //nolint:gosec // ten seconds
	if !s.plain {
		req.TransactionID = &s.id
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := map[string]int{}
	for _, p := range parcels {
		i, ok := at[p.box.Topic]
		if !ok {
			i = len(req.Topics)
			at[p.box.Topic] = i
			t := kmsg.NewProduceRequestTopic() // versions up to 12 send the name, 13 the id
			t.Topic, t.TopicID = p.box.Topic, s.leaders.topics[p.box.Topic].id
			req.Topics = append(req.Topics, t)
		}
		rp := kmsg.NewProduceRequestTopicPartition()
		rp.Partition, rp.Records = p.box.Number, p.wire
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, rp)
	}
	return req
}

// arrived takes an answer. The caller has the lock.
func (s *sender) arrived(parcels []*parcel, resp *kmsg.ProduceResponse) {
	waiting := make(map[Partition]*parcel, len(parcels))
	topics := make(map[[16]byte]string, 1)
	for _, p := range parcels {
		waiting[p.box.Partition] = p
		topics[s.leaders.topics[p.box.Topic].id] = p.box.Topic
	}
	var moved, slow []*parcel
	for i := range resp.Topics {
		rt := &resp.Topics[i]
		topic := rt.Topic
		if topic == "" {
			topic = topics[rt.TopicID]
		}
		for j := range rt.Partitions {
			rp := &rt.Partitions[j]
			p := waiting[Partition{topic, rp.Partition}]
			if p == nil {
				continue
			}
			delete(waiting, p.box.Partition)
			code, _ := errors.AsType[*kerr.Error](kerr.ErrorForCode(rp.ErrorCode))
			switch {
			case code == nil, code.Code == kerr.DuplicateSequenceNumber.Code && !p.box.tracked: // taken before, at an offset that nobody needs
				s.taken(p, rp.BaseOffset)
			case !retriable(code):
				s.fail(wrap(code, "write to %s", p.box.Partition))
			case stays(code):
				slow = append(slow, p)
			default:
				moved = append(moved, p)
			}
		}
	}
	for _, p := range waiting { // those that the answer doesn't name, though it should
		moved = append(moved, p)
	}
	s.again(moved, true)
	s.again(slow, false)
}

// retriable says that sending the same batch again may go well. A corrupt message is one that was damaged on its way, or
// that we have made wrong; CONCURRENT_TRANSACTIONS is the markers of the transaction before, which are still on theirs.
func retriable(err *kerr.Error) bool {
	switch err.Code {
	case kerr.ConcurrentTransactions.Code, kerr.OperationNotAttempted.Code:
		return true
	case kerr.CorruptMessage.Code, kerr.InvalidProducerEpoch.Code:
		return false
	}
	return err.Retriable
}

// stays says that the leader is still the leader.
func stays(err *kerr.Error) bool {
	switch err.Code {
	case kerr.ConcurrentTransactions.Code, kerr.RequestTimedOut.Code, kerr.NotEnoughReplicas.Code, kerr.NotEnoughReplicasAfterAppend.Code:
		return true
	}
	return false
}
