package balance

import (
	"cmp"
	"strings"
)

// Task is what is given away as a whole: a stage on a partition. A stage reads one topic, and no other stage reads that, so the
// partition names the task, and there is nothing else of it to be given away.
type Task struct {
	Topic     string
	Partition int32
}

// Compare orders tasks by topic and partition.
func (t Task) Compare(u Task) int {
	return cmp.Or(strings.Compare(t.Topic, u.Topic), cmp.Compare(t.Partition, u.Partition))
}
