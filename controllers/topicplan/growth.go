package topicplan

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Grows says whether partitions would be added.
func (d Decision) Grows() bool {
	return slices.ContainsFunc(d.Actions, func(a Action) bool { return a.Kind == Grow })
}

// HeldBy leaves out the growth of a topic that jobs read: a running job does not take up a partition that appears under
// it, and its workers would stop. Without readers it is the decision as it was.
func (d Decision) HeldBy(readers []string, topic *v1alpha1.StreamTopic, observed *Observed) Decision {
	if len(readers) == 0 {
		return d
	}
	d.Actions = slices.DeleteFunc(slices.Clone(d.Actions), func(a Action) bool { return a.Kind == Grow })
	d.Verdict = stalled(v1alpha1.ReasonInUse, "topic %s stays at %d partitions: the running StreamJob %s reads it, and does not take up "+
		"partitions that are added: set spec.partitions back, or delete the job, let the topic grow, and create the job again",
		topic.Topic(), observed.Partitions, strings.Join(readers, ", "))
	return d
}
