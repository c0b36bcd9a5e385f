package kafka

import (
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// epochBalancer is cooperative-sticky under a name that holds the job's epoch: the coordinator refuses a member that
// shares no protocol with the others, so workers of two epochs can't meet in the group.
type epochBalancer struct {
	kgo.GroupBalancer
	epoch int64
	// onMembers is told who is in, on the leader, before it balances.
	onMembers func(present map[string]bool)
	// partitions is Group.Partitions.
	partitions map[string]int
	plants     Plants
}

func (b epochBalancer) ProtocolName() string { return "millrace-" + strconv.FormatInt(b.epoch, 10) }

// MemberBalancer runs on the group's leader only. It is where the leader learns who is gone.
func (b epochBalancer) MemberBalancer(members []kmsg.JoinGroupResponseMember) (kgo.GroupMemberBalancer, map[string]struct{}, error) {
	present := make(map[string]bool, len(members))
	for _, m := range members {
		if m.InstanceID != nil {
			present[*m.InstanceID] = true
		}
	}
	b.onMembers(present)
	balancer, topics, err := b.GroupBalancer.MemberBalancer(members)
	if err != nil {
		return nil, nil, err
	}
	return cappedBalancer{b.plants.balancer(balancer, members), b.partitions}, topics, nil
}
