package streamjob

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/physical"
)

// Ranger knows what batch jobs read.
type Ranger interface {
	// Range returns what each partition of the topics holds; where before is not zero, what lies before the first record of that time.
	Range(ctx context.Context, topics []string, before time.Time) ([]v1alpha1.SourceRange, error)
	// Reading says how far a job is with its sources, and with the topics of its own, by their partitions, that its tasks read.
	Reading(ctx context.Context, names physical.Topics, sources []v1alpha1.SourceRange, within map[string]int) (*lifecycle.Reading, error)
}

// observeRange looks up the ends of a batch job that is about to begin.
func (p *pass) observeRange(ctx context.Context) {
	if !p.job.IsBatch() || p.plan == nil || p.observed.Connection.Is() || p.observed.Topics.Is() {
		return
	}
	var before time.Time
	if end := p.job.Spec.EndAt; end != nil && end.Timestamp != nil {
		before = end.Timestamp.Time
	}
	found, err := p.kafka.Range(ctx, p.plan.SourceTopics(), before)
	if err != nil {
		p.unreachable(err)
		return
	}
	p.observed.Range = found
	if err := render.CheckRange(found); err != nil {
		p.observed.RangeUnfit = lifecycle.Obstacle{Reason: v1alpha1.ReasonRangeTooLarge, Message: err.Error()}
	}
}

// observeReading looks how far a batch job is.
func (p *pass) observeReading(ctx context.Context) {
	s := &p.job.Status
	if !p.job.IsBatch() {
		return
	}
	names := p.names(s.StateEpoch)
	found, err := p.kafka.Reading(ctx, names, s.Range, within(p.stored, names))
	if err != nil {
		p.unreachable(err)
		return
	}
	p.observed.Reading = found
}

// within lists the topics of a job's own that its tasks read, with the numbers of their partitions.
func within(plan *physical.Plan, names physical.Topics) map[string]int {
	topics := map[string]int{}
	for _, t := range plan.Internal(names) {
		if t.Kind == physical.ExchangeTopic || t.Kind == physical.SplitsTopic {
			topics[t.Name] = t.Partitions
		}
	}
	return topics
}

// deleteJob deletes the job itself, unless it was changed meanwhile: its user may have taken the time to live out.
func (p *pass) deleteJob(ctx context.Context) error {
	err := p.Client.Delete(ctx, p.job, client.Preconditions{UID: &p.job.UID, ResourceVersion: &p.job.ResourceVersion})
	if apierrors.IsConflict(err) {
		return nil // the next pass decides by what it is now
	}
	return client.IgnoreNotFound(err)
}
