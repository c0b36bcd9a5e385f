package kafka

import (
	"maps"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/balance"
)

// epochBalancer gives partitions away as package balance decides, in the two rounds of the cooperative protocol: what goes from one member to
// another is taken away first, and given with the next rebalance. Its name holds the job's epoch: the coordinator refuses a member that
// shares no protocol with the others, so workers of two epochs can't meet in the group.
//
// What members say goes as cooperative-sticky has it, with ours behind what that ignores; so a worker of a version that balanced
// so works in the same group, leader or not.
type epochBalancer struct {
	group Group
	// onMembers is told who is in, on the leader, before it balances.
	onMembers func(present map[string]bool)
	plants    Plants
}

const memberMetadataVersion = 3 // of Kafka's consumer protocol

// ProtocolName names the job's epoch.
func (b *epochBalancer) ProtocolName() string {
	return "millrace-" + strconv.FormatInt(b.group.Epoch, 10)
}

// IsCooperative says that partitions which stay are worked on meanwhile.
func (b *epochBalancer) IsCooperative() bool { return true }

// JoinGroupMetadata is what the member says when it joins.
func (b *epochBalancer) JoinGroupMetadata(topics []string, owned map[string][]int32, generation int32) []byte {
	meta := kmsg.NewConsumerMemberMetadata()
	meta.Version, meta.Topics, meta.Generation = memberMetadataVersion, topics, generation
	for _, topic := range slices.Sorted(maps.Keys(owned)) {
		o := kmsg.NewConsumerMemberMetadataOwnedPartition()
		o.Topic, o.Partitions = topic, owned[topic]
		meta.OwnedPartitions = append(meta.OwnedPartitions, o)
	}
	var says map[Partition]balance.Word
	if b.group.Says != nil {
		says = b.group.Says()
	}
	meta.UserData = encodeWords(topics, generation, says, b.group.Warms)
	return meta.AppendTo(nil)
}

// ParseSyncAssignment reads what the member is given, and passes on what it is told.
func (b *epochBalancer) ParseSyncAssignment(data []byte) (map[string][]int32, error) {
	var given kmsg.ConsumerMemberAssignment
	if len(data) > 0 { // else the leader gave it nothing
		if err := given.ReadFrom(data); err != nil {
			return nil, err
		}
	}
	byTopic := make(map[string][]int32, len(given.Topics))
	for _, t := range given.Topics {
		byTopic[t.Topic] = t.Partitions
	}
	if b.group.Assigned != nil {
		b.group.Assigned(partitions(byTopic), decodeNotices(given.UserData))
	}
	return byTopic, nil
}

// MemberBalancer runs on the group's leader only. It is where the leader learns who is gone.
func (b *epochBalancer) MemberBalancer(members []kmsg.JoinGroupResponseMember) (kgo.GroupMemberBalancer, map[string]struct{}, error) {
	present := make(map[string]bool, len(members))
	for _, m := range members {
		if m.InstanceID != nil {
			present[*m.InstanceID] = true
		}
	}
	b.onMembers(present)
	balancer, err := kgo.NewConsumerBalancer(memberBalancer{b.group.WarmUps}, members)
	if err != nil {
		return nil, nil, err
	}
	return cappedBalancer{b.plants.balancer(balancer, members), b.group.Partitions}, balancer.MemberTopics(), nil
}
