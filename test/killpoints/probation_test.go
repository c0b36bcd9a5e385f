package killpoints

import (
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
)

func rollback(policy v1alpha1.RollbackPolicy) func(*v1alpha1.StreamJobSpec) {
	return func(s *v1alpha1.StreamJobSpec) { s.Upgrade.Rollback = policy }
}

func feedPoison(w *world) { w.load.poison.Store(true) }

// onProbation holds when the second epoch has committed, and its workers run.
func onProbation(ctx context.Context, w *world) error {
	job, err := w.job(ctx)
	if err != nil {
		return err
	}
	if s := &job.Status; s.Epoch != 2 || s.Attempt != nil || s.Phase != v1alpha1.PhaseRunning || s.Probation == nil || s.Probation.CommittedAt == nil {
		return errors.New(journal(job))
	}
	return nil
}

// isHeld holds when the job is stopped at its last commit and says so.
func isHeld(ctx context.Context, w *world) error {
	job, err := w.job(ctx)
	if err != nil {
		return err
	}
	s := &job.Status
	stalled, ready := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionStalled), meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady)
	if s.Phase != v1alpha1.PhaseHeld || s.Held == nil || stalled == nil || ready == nil || stalled.Reason != v1alpha1.ReasonHeld || ready.Message != stalled.Message {
		return errors.New(journal(job))
	}
	return nil
}
