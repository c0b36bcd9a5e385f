package streamjob

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/runtime/physical"
)

// compare says what the compiled plan makes of the state of the one that runs, where they keep different state.
func (p *pass) compare() {
	s := &p.job.Status
	if s.Attempt != nil || s.Runtime == nil || p.stored == nil || p.plan.StateHash == s.Runtime.StateHash {
		return
	}
	c := admission.Compare(p.stored, p.plan)
	p.observed.Misfit, p.observed.MisfitDropped = c.Misfit(false), c.Misfit(true)
}

// observeUpgrade looks for the savepoint that the job is to stop at, and for commits of an epoch on probation.
func (p *pass) observeUpgrade(ctx context.Context) error {
	s := &p.job.Status
	saving := s.Attempt != nil && s.Attempt.Phase == v1alpha1.PhaseSavepointing
	proving := s.Probation != nil && s.Suspended == nil && (s.Held == nil || s.Attempt != nil) && (s.Attempt == nil || s.Attempt.Phase == v1alpha1.PhaseRollingBack)
	if !saving && !proving {
		return nil
	}
	plan, err := p.storedPlan(ctx, s.Epoch)
	if apierrors.IsNotFound(err) { // nothing is known then, and the lifecycle waits
		return nil
	}
	if err != nil {
		return err
	}
	names := p.names(s.StateEpoch)
	if saving {
		savepoint, err := p.kafka.Savepoint(ctx, names, s.Attempt.Savepoint, p.observed.Now, sources(plan, names))
		if err != nil {
			p.unreachable(err)
			return nil
		}
		p.observed.Savepoint = &savepoint
		return nil
	}
	if p.observed.Commits, err = p.kafka.Commits(ctx, names, sources(plan, names)); err != nil {
		p.unreachable(err)
	}
	return nil
}

// sources lists the topics whose offsets are those of a plan's sources.
func sources(plan *physical.Plan, names physical.Topics) []string {
	list := plan.SourceTopics()
	for _, made := range plan.MadeTopics() {
		list = append(list, names.Splits(made))
	}
	return list
}
