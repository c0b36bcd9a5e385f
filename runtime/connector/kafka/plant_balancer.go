//go:build mutants

package kafka

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// twiceBalancer is the planted bug GiveTwice.
type twiceBalancer struct {
	kgo.GroupMemberBalancer
	members []kmsg.JoinGroupResponseMember
}

// BalanceOrError is what the library calls of the balancer inside.
func (b twiceBalancer) BalanceOrError(topics map[string]int32) (kgo.IntoSyncAssignment, error) {
	given, err := b.balance(topics)
	if plan, ok := given.(*assignment); ok {
		now := plan.AsMemberIDMap()
		for i := range b.members {
			m := &b.members[i]
			for topic := range topics {
				if !slices.Contains(now[m.MemberID][topic], 0) {
					plan.AddPartition(m, topic, 0)
				}
			}
		}
	}
	return given, err
}

func (b twiceBalancer) balance(topics map[string]int32) (kgo.IntoSyncAssignment, error) {
	if inner, ok := b.GroupMemberBalancer.(kgo.GroupMemberBalancerOrError); ok {
		return inner.BalanceOrError(topics)
	}
	return b.Balance(topics), nil
}
