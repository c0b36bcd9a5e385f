package kafka

import "github.com/twmb/franz-go/pkg/kgo"

// cappedBalancer gives away no partition beyond a count: one that was added to a topic under a running epoch has no
// offset, and the exchanges know no channel for it, before the next epoch begins.
type cappedBalancer struct {
	kgo.GroupMemberBalancer
	partitions map[string]int
}

// BalanceOrError is what the library calls of the balancer inside.
func (b cappedBalancer) BalanceOrError(topics map[string]int32) (kgo.IntoSyncAssignment, error) {
	capped := make(map[string]int32, len(topics))
	for topic, n := range topics {
		if limit, ok := b.partitions[topic]; ok {
			n = min(n, int32(limit)) //nolint:gosec // Kafka counts partitions in 32 bits
		}
		capped[topic] = n
	}
	if inner, ok := b.GroupMemberBalancer.(kgo.GroupMemberBalancerOrError); ok {
		return inner.BalanceOrError(capped)
	}
	return b.Balance(capped), nil
}
