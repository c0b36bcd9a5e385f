package kafka

import "github.com/millrace/millrace/runtime/balance"

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
	// Says returns what the member has to say of tasks, by the partitions that they read; nil says nothing. It is called each time that the
	// member joins, on another goroutine, and must not wait for anything. A member that joins by itself and says something else than before
	// makes the group rebalance: what changes all the time belongs into coarse steps.
	Says func() map[Partition]balance.Word
	// Assigned is told, with each assignment, all the partitions that the member is given, and what it is told of tasks. It is called like
	// Says. Nil means that nobody wants to know.
	Assigned func(given []Partition, told map[Partition]balance.Notice)
	// Warms says that the member warms up for tasks when it is told to; else it is given them cold.
	Warms bool
	// WarmUps bounds how many tasks the group warms up for at the same time, where this member leads it.
	WarmUps balance.Limits
}
