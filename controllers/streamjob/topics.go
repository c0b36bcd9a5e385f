package streamjob

import (
	"slices"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/physical"
)

// list writes the topics of the running epoch into the status, once its plan was read.
func (p *pass) list() {
	s := &p.job.Status
	if s.Attempt != nil || s.Runtime == nil || p.stored == nil || p.stored.Hash != s.Runtime.PlanHash {
		return
	}
	topics := &v1alpha1.JobTopics{Reads: sorted(p.stored.SourceTopics()), Writes: sorted(p.stored.SinkTopics())}
	for _, t := range p.stored.Internal(physical.Topics{Prefix: s.Prefix, StateEpoch: s.StateEpoch}) {
		topics.Internal = append(topics.Internal, t.Name)
	}
	slices.Sort(topics.Internal)
	s.Topics = topics
}

func sorted(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
