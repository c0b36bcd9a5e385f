package kafka

import (
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/fault"
)

// unknownTopicPatience is how long metadata may say that a topic is not there: a broker that has just started, or one
// that has not heard of a new topic yet, says so for a moment.
const unknownTopicPatience = 5 * time.Second

// leaders is who leads the partitions of the topics that are written to, as metadata said last. Of the client's own
// metadata only what it was asked to produce to or consume from could be had.
type leaders struct {
	topics map[string]*topicLeaders
}

// topicLeaders is what is known of one topic.
type topicLeaders struct {
	id      [16]byte
	leaders []int32 // by partition, -1 is unknown; empty before the first answer
	err     error
	lost    time.Time // since when it, or a partition of it that is asked for, is not there
}

func (l *leaders) add(topic string) {
	if l.topics[topic] == nil {
		l.topics[topic] = &topicLeaders{}
	}
}

// of returns the partition's leader, -1 when it is unknown.
func (l *leaders) of(p Partition) int32 {
	if t := l.topics[p.Topic]; int(p.Number) < len(t.leaders) {
		return t.leaders[p.Number]
	}
	return -1
}

// forget makes the leader unknown, so that metadata is asked.
func (l *leaders) forget(p Partition) {
	if t := l.topics[p.Topic]; int(p.Number) < len(t.leaders) {
		t.leaders[p.Number] = -1
	}
}

// request asks for all topics.
func (l *leaders) request() *kmsg.MetadataRequest {
	req := kmsg.NewPtrMetadataRequest()
	for topic := range l.topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &topic
		req.Topics = append(req.Topics, t)
	}
	return req
}

// learn takes metadata in. An error says that a topic was deleted and made again: what was written to the old one is
// gone, and the open transaction with it.
func (l *leaders) learn(resp *kmsg.MetadataResponse) error {
	var again error
	for i := range resp.Topics {
		rt := &resp.Topics[i]
		if rt.Topic == nil || l.topics[*rt.Topic] == nil {
			continue
		}
		t := l.topics[*rt.Topic]
		if t.err = kerr.ErrorForCode(rt.ErrorCode); t.err != nil {
			continue
		}
		if none := [16]byte{}; t.id != none && rt.TopicID != none && t.id != rt.TopicID {
			again = fault.New(fault.Transient, fault.Place{}, "the topic %s was deleted and made again", *rt.Topic)
		}
		t.id = rt.TopicID
		t.leaders = slices.Repeat([]int32{-1}, max(len(rt.Partitions), len(t.leaders)))
		for _, rp := range rt.Partitions {
			if at := int(rp.Partition); at >= 0 && at < len(t.leaders) && !leaderless(rp.ErrorCode) {
				t.leaders[at] = rp.Leader
			}
		}
	}
	return again
}

// leaderless: other errors of a partition are about its replicas.
func leaderless(code int16) bool {
	return code == kerr.LeaderNotAvailable.Code || code == kerr.UnknownTopicOrPartition.Code
}

// hopeless says why waiting for a leader of the partition is of no use any more. A partition of -1 is any.
func (l *leaders) hopeless(p Partition, now time.Time) error {
	t := l.topics[p.Topic]
	err := t.err
	if err == nil && len(t.leaders) > 0 && int(p.Number) >= len(t.leaders) {
		err = kerr.UnknownTopicOrPartition
	}
	code, ok := errors.AsType[*kerr.Error](err)
	switch {
	case !ok:
		t.lost = time.Time{}
		return nil
	case goneTopic(code) && t.lost.IsZero():
		t.lost = now
		return nil
	case goneTopic(code) && now.Sub(t.lost) < unknownTopicPatience, !goneTopic(code) && code.Retriable:
		return nil
	}
	return wrap(err, "write to %s", p.Topic)
}
