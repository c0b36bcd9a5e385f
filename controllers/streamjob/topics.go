package streamjob

import (
	"context"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/physical"
)

// list writes the topics of the running epoch into the status, once its plan was read.
func (p *pass) list() {
	s := &p.job.Status
	if s.Attempt != nil || s.CompletedAt != nil || s.Runtime == nil || p.stored == nil || p.stored.Hash != s.Runtime.PlanHash {
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

// remains says what on Kafka is the job's by its name: nothing that a StreamTopic of its namespace holds. Those of others can't hold it.
func (p *pass) remains(ctx context.Context) (lifecycle.Remains, error) {
	r := lifecycle.Remains{Prefix: p.prefix()}
	var topics v1alpha1.StreamTopicList
	if err := p.Client.List(ctx, &topics, client.InNamespace(p.job.Namespace)); err != nil {
		return r, err
	}
	for i := range topics.Items {
		if name := topics.Items[i].Topic(); strings.HasPrefix(name, r.Prefix+".") {
			r.Keep = append(r.Keep, name)
		}
	}
	return r, nil
}
