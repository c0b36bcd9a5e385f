package kafka

// Group is what a member needs to know of the group it joins.
type Group struct {
	// Group is the group's id.
	Group string
	// Epoch is the job's; members of another one are refused by the broker.
	Epoch int64
	// Ordinal is the member's number, and MaxOrdinal the highest that the job has ever used, as far as is known.
	Ordinal, MaxOrdinal int
	// Name returns the instance id of an ordinal, which is its transactional id too.
	Name func(ordinal int) string
	// Topics are what the group reads.
	Topics []string
	// Unread are those of Topics that the member is given partitions of, and never fetches: they hold nothing.
	Unread []string
	// Partitions is how many of a topic's partitions are given away, the lowest; a topic that is not in it is given away
	// whole. What a topic has beyond belongs to an epoch that has not begun.
	Partitions map[string]int
	// Untransacted says that the members' producers have no transactions: a fence ends those only that the brokers know
	// of, which are of a time when they had.
	Untransacted bool
}
