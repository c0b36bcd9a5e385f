package worker

import (
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

func TestRecordsBelowTheGroupsOffsetAreAnothersToDelete(t *testing.T) {
	here, there := kafka.Partition{Topic: "x0", Number: 1}, kafka.Partition{Topic: "x0", Number: 2}
	for name, c := range map[string]struct {
		found []kafka.Committed
		want  bool
	}{
		"another has gone on":               {[]kafka.Committed{{Partition: there, Offset: 7}, {Partition: here, Offset: 35}}, true},
		"the group is where we are":         {[]kafka.Committed{{Partition: here, Offset: 34}}, false},
		"the group is before where we are":  {[]kafka.Committed{{Partition: here, Offset: 20}}, false},
		"another partition has gone on":     {[]kafka.Committed{{Partition: there, Offset: 99}}, false},
		"the group knows nothing of a task": {nil, false},
	} {
		if got := passed(c.found, here, 34); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
