package kafka

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
)

// answer is what a leader sent, partition by partition.
type answer struct {
	lane  *lane
	at    time.Time // when it came
	parts []share
}

// share is a partition's part of an answer.
type share struct {
	cursor *cursor
	at     time.Time // when its answer came
	// from is the offset that was asked for.
	from          int64
	highWatermark int64
	lastStable    int64
	batches       []byte
	aborted       []recordbatch.Aborted
	// old are the records where they are of a format before Kafka 0.11, and oldNext what follows them.
	old     []*kgo.Record
	oldNext int64
}

// request asks for the partitions of cursors.
func (f *fetcher) request(cursors []*cursor, maxBytes int) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	wait := fetchWait(len(cursors))
	req.ReplicaID, req.MaxWaitMillis, req.MinBytes, req.MaxBytes = -1, int32(wait.Milliseconds()), 1, int32(maxBytes) //nolint:gosec // a few MiB
	req.IsolationLevel, req.SessionID, req.SessionEpoch = 1, 0, -1                                                    // READ_COMMITTED, no session
	at := map[string]int{}
	for _, c := range cursors {
		i, ok := at[c.Topic]
		if !ok {
			i = len(req.Topics)
			at[c.Topic] = i
			t := kmsg.NewFetchRequestTopic()
			t.Topic, t.TopicID = c.Topic, f.ids[c.Topic]
			req.Topics = append(req.Topics, t)
		}
		p := kmsg.NewFetchRequestTopicPartition()
		p.Partition, p.CurrentLeaderEpoch, p.FetchOffset, p.PartitionMaxBytes = c.Number, c.leaderEpoch, c.next, fetchPartitionBytes
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, p)
	}
	return req
}

// fetchWait is how long a broker may wait for a first record. A request names all of its partitions, so that of many is
// sent less often where nothing happens.
func fetchWait(partitions int) time.Duration {
	const partitionsEach = 64
	return min(fetchMaxWait*time.Duration(1+partitions/partitionsEach), fetchLongestWait)
}

// arrived takes an answer, or the lack of one.
func (f *fetcher) arrived(leader int32, asked []*cursor, resp *kmsg.FetchResponse, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.lane(leader)
	l.busy = false
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		f.postpone(asked)
		f.dispatch()
		return
	}
	waiting := make(map[Partition]*cursor, len(asked))
	for _, c := range asked {
		waiting[c.Partition] = c
	}
	a := &answer{lane: l, at: time.Now()}
	var failed []*cursor
	for i := range resp.Topics {
		rt := &resp.Topics[i]
		topic := rt.Topic
		if name, ok := f.topics[rt.TopicID]; topic == "" && ok { // version 13 and later
			topic = name
		}
		for j := range rt.Partitions {
			c := waiting[Partition{topic, rt.Partitions[j].Partition}]
			if c == nil || f.cursors[c.Partition] != c {
				continue
			}
			delete(waiting, c.Partition) // named twice counts once
			if f.accept(a, c, &rt.Partitions[j]) {
				c.busy = false
				c.succeeded()
			} else {
				failed = append(failed, c)
			}
		}
	}
	for _, c := range waiting { // those that the answer doesn't name: it is full, or it should have
		switch {
		case f.cursors[c.Partition] != c:
		case len(a.parts) > 0:
			c.busy = false
		default:
			failed = append(failed, c)
		}
	}
	f.enqueue(a)
	f.postpone(failed)
	f.dispatch()
}

// enqueue lets an answer be taken, where it has records, and sends its partitions to the end of the order. The caller has
// the lock.
func (f *fetcher) enqueue(a *answer) {
	if len(a.parts) == 0 {
		return
	}
	served := make(map[Partition]bool, len(a.parts))
	for i := range a.parts {
		served[a.parts[i].cursor.Partition] = true
	}
	f.rotate(served)
	a.lane.waiting++
	f.queue = append(f.queue, a)
	f.signal()
}

// accept adds a partition's share to the answer and moves its cursor. False means that it must be asked for again, after
// a pause.
func (f *fetcher) accept(a *answer, c *cursor, rp *kmsg.FetchResponseTopicPartition) bool {
	if err := kerr.ErrorForCode(rp.ErrorCode); err != nil {
		f.refused(c, err)
		return false
	}
	if len(rp.RecordBatches) == 0 {
		return true
	}
	s := share{cursor: c, at: a.at, from: c.next, highWatermark: rp.HighWatermark, lastStable: rp.LastStableOffset, batches: rp.RecordBatches}
	next, epoch, err := span(rp.RecordBatches)
	switch {
	case errors.Is(err, recordbatch.ErrOldFormat):
		if err := s.readOld(rp); err != nil {
			f.fail(corruptAt(err, c.Partition, c.next))
			return false
		}
		next, epoch = s.oldNext, -1
	case err != nil:
		f.fail(corruptAt(err, c.Partition, c.next))
		return false
	case next <= c.next: // nothing new: the broker is asked again, not at once
		return false
	}
	for _, t := range rp.AbortedTransactions {
		s.aborted = append(s.aborted, recordbatch.Aborted{ProducerID: t.ProducerID, FirstOffset: t.FirstOffset})
	}
	c.next, c.epoch = next, max(c.epoch, epoch)
	a.parts = append(a.parts, s)
	return true
}

// span returns the offset after the last whole batch and the leader's epoch in it.
func span(batches []byte) (next int64, epoch int32, err error) {
	next, epoch = -1, -1
	for {
		b, rest, err := recordbatch.Next(batches)
		if errors.Is(err, recordbatch.ErrIncomplete) {
			return next, epoch, nil
		}
		if err != nil {
			return next, epoch, err
		}
		next, epoch, batches = b.LastOffset+1, b.LeaderEpoch, rest
	}
}
