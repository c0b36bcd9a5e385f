package kafka

import (
	"cmp"
	"strconv"
)

// Partition is a partition of a topic.
type Partition struct {
	Topic  string
	Number int32
}

// String returns "topic/number".
func (p Partition) String() string { return p.Topic + "/" + strconv.Itoa(int(p.Number)) }

// Compare orders partitions by topic and number.
func (p Partition) Compare(q Partition) int {
	return cmp.Or(cmp.Compare(p.Topic, q.Topic), cmp.Compare(p.Number, q.Number))
}
