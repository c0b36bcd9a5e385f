package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/fault"
)

// joinPatience is how long a member may wait to hear of the generation that the group is in already.
const joinPatience = time.Second

// CommitOffsets commits offsets in no transaction. The group fences the member (id, generation, instance). A refusal is
// NotEnded; some of the offsets may have been taken even so.
//
// The request is sent once and not again when its answer is lost. That is Unknown, and may be so for long: a request
// that is late on its way can be applied after whatever we ask in between. It can't after the member has joined anew,
// because then it has another id. So whoever finds that the offsets are there goes on, and whoever doesn't closes the
// member before the work is done again.
func (m *Member) CommitOffsets(ctx context.Context, offsets []Committed) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	for begin := time.Now(); ; {
		if _, _, err := m.place(); err != nil {
			return NotEnded, err
		}
		sent, err := m.commitOffsets(ctx, offsets)
		if err == nil {
			return Landed, nil
		}
		code, answered := errors.AsType[*kerr.Error](err)
		switch {
		case sent && !answered:
			return Unknown, err
		case answered && !comesRight(code, time.Since(begin)), pause(ctx, retryPause) != nil:
			return NotEnded, err
		}
	}
}

// comesRight says that the group will take the same offsets soon: its coordinator moves, or a new generation is on its
// way to us. Nothing of ours has been given away in it: it takes a callback to tell us, and then another generation.
func comesRight(err *kerr.Error, since time.Duration) bool {
	switch err.Code {
	case kerr.NotCoordinator.Code, kerr.CoordinatorNotAvailable.Code, kerr.CoordinatorLoadInProgress.Code, kerr.RebalanceInProgress.Code:
		return true
	case kerr.IllegalGeneration.Code:
		return since < joinPatience
	}
	return false
}

// commitOffsets makes one try. Sent is false where no coordinator was found.
func (m *Member) commitOffsets(ctx context.Context, offsets []Committed) (sent bool, err error) {
	coordinator, err := m.findCoordinator(ctx)
	if err != nil {
		return false, wrap(err, "find the coordinator of %s", m.group.Group)
	}
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.InstanceID = m.group.Group, new(m.group.Name(m.group.Ordinal))
	if req.MemberID, req.Generation, err = m.place(); err != nil {
		return false, err
	}
	req.Topics = m.commitTopics(offsets)
	answer, err := m.client.Broker(int(coordinator)).Request(ctx, req)
	if err != nil {
		m.coordinator.Store(0)
		return true, wrap(err, "commit offsets as %s", *req.InstanceID)
	}
	resp, ok := answer.(*kmsg.OffsetCommitResponse)
	if !ok {
		return true, fault.New(fault.Bug, fault.Place{}, "OffsetCommit is answered by %T", answer)
	}
	for _, t := range resp.Topics {
		for _, rp := range t.Partitions {
			code, _ := errors.AsType[*kerr.Error](kerr.ErrorForCode(rp.ErrorCode))
			if code == nil {
				continue
			}
			if coordinatorComes(code) {
				m.coordinator.Store(0)
			}
			return true, wrap(code, "commit the offset of %s as %s in generation %d", Partition{m.topicName(t.Topic, t.TopicID), rp.Partition}, *req.InstanceID, req.Generation)
		}
	}
	return true, nil
}

// findCoordinator returns the broker that the group is at. It is asked for once, and again after an error: requests that
// the library sends to a coordinator by itself are sent again, too.
func (m *Member) findCoordinator(ctx context.Context) (int32, error) {
	if known := m.coordinator.Load(); known > 0 {
		return known - 1, nil
	}
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorKey, req.CoordinatorKeys = m.group.Group, []string{m.group.Group}
	resp, err := req.RequestWith(ctx, m.client)
	if err != nil {
		return 0, err
	}
	node, code := resp.NodeID, resp.ErrorCode
	if len(resp.Coordinators) > 0 { // since version 4
		node, code = resp.Coordinators[0].NodeID, resp.Coordinators[0].ErrorCode
	}
	if err := kerr.ErrorForCode(code); err != nil {
		return 0, err
	}
	m.coordinator.Store(node + 1)
	return node, nil
}

// commitTopics fills in name and id of each topic: versions up to 9 send the name, 10 sends the id.
func (m *Member) commitTopics(offsets []Committed) []kmsg.OffsetCommitRequestTopic {
	var topics []kmsg.OffsetCommitRequestTopic
	at := map[string]int{}
	for _, o := range offsets {
		i, ok := at[o.Topic]
		if !ok {
			i = len(topics)
			at[o.Topic] = i
			t := kmsg.NewOffsetCommitRequestTopic()
			t.Topic, t.TopicID = o.Topic, m.topicIDs[o.Topic]
			topics = append(topics, t)
		}
		rp := kmsg.NewOffsetCommitRequestTopicPartition()
		rp.Partition, rp.Offset, rp.Metadata = o.Number, o.Offset, new(o.Metadata)
		topics[i].Partitions = append(topics[i].Partitions, rp)
	}
	return topics
}

func (m *Member) topicName(name string, id [16]byte) string {
	if name != "" {
		return name
	}
	for topic, its := range m.topicIDs {
		if its == id {
			return topic
		}
	}
	return ""
}
