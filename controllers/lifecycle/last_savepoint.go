package lifecycle

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// lastSavepoint sees to it that a job which is deleted leaves a savepoint behind, as spec.deletion.savepoint says, and says whether its deletion
// waits for that. The policy is read in each pass: to change it is the way out.
//
//	Required    asks, and where that fails lets the job go on, and keeps it
//	IfPossible  asks, waits for what passes by itself no longer than the deadline, and goes on without
//
// Either way a job whose namespace is being deleted goes at once: its workers are going, and nothing can be made there.
func lastSavepoint(o *Observed, d *Decision) (waits bool) {
	s, policy := &d.Status, o.Job.Spec.Deletion.Savepoint
	if policy == "" || policy == v1alpha1.LastNever || s.Epoch == 0 || o.NamespaceGoes || stands(s) {
		return false
	}
	if s.LastFailure != nil && s.LastFailure.Generation != o.Job.Generation {
		s.LastFailure = nil
	}
	d.RequeueAfter = PollInterval
	if s.Attempt != nil {
		finishAttempt(o, d)
		s.Phase = v1alpha1.PhaseDeleting
		return true
	}
	obstacle := unsaved(o, s)
	deadline := o.Job.DeletionTimestamp.Add(patience(o))
	switch {
	case !obstacle.Is():
		s.Attempt = closing(o, s)
		stopAtSavepoint(o, d)
		d.RequeueAfter = soon
	case policy == v1alpha1.LastRequired:
		keep(o, d, obstacle)
	case obstacle.Waiting && o.Now.Before(deadline):
		verdict.Verdict{State: verdict.Reconciling, Reason: obstacle.Reason, Message: fmt.Sprintf("the last savepoint waits until %s at the latest: %s",
			deadline.UTC().Format(time.RFC3339), obstacle.Message)}.Apply(&s.Conditions, o.Job.Generation, o.Now)
		upkeep(o, d)
	default:
		s.Attempt = closing(o, s)
		skip(o, d, obstacle)
	}
	s.Phase = v1alpha1.PhaseDeleting
	return true
}

// closing is the attempt that a deletion is. Without a savepoint it says that there is to be none.
func closing(o *Observed, s *v1alpha1.StreamJobStatus) *v1alpha1.Attempt {
	return &v1alpha1.Attempt{
		Epoch: s.Epoch + 1, Kind: v1alpha1.AttemptDelete, Phase: v1alpha1.PhaseFencing, StartedAt: metav1.NewTime(o.Now), Runtime: *s.Runtime.DeepCopy(), Generation: o.Job.Generation,
	}
}

// stands says whether the job has stopped at a savepoint, or goes without one. That of a replay is of before rows that were committed since.
func stands(s *v1alpha1.StreamJobStatus) bool {
	if a := s.Attempt; a != nil && a.Phase != v1alpha1.PhaseSavepointing {
		return a.Kind == v1alpha1.AttemptDelete || a.Kind != v1alpha1.AttemptHold && a.Kind != v1alpha1.AttemptReplay && a.Savepoint != ""
	}
	return s.Suspended != nil && s.Suspended.Savepoint != ""
}

// finishAttempt brings an attempt to its end. A savepoint that an upgrade or a suspension waits for stops the job, and so is as good as one of its
// own; what is past that has no workers, and gets them first. Kafka that does not answer is waited for as the policy says.
func finishAttempt(o *Observed, d *Decision) {
	a := d.Status.Attempt
	until := o.Job.DeletionTimestamp.Add(patience(o))
	if a.Phase == v1alpha1.PhaseSavepointing {
		until = a.Deadline.Time
	}
	switch {
	case o.Connection.Is() && o.Job.Spec.Deletion.Savepoint == v1alpha1.LastIfPossible && !o.Now.Before(until):
		a.Kind, a.Phase, a.Savepoint = v1alpha1.AttemptDelete, v1alpha1.PhaseFencing, ""
		skip(o, d, o.Connection)
	case a.Phase != v1alpha1.PhaseSavepointing:
		proceed(o, d)
	default:
		a.Kind, a.Generation = v1alpha1.AttemptDelete, o.Job.Generation
		saving(o, d)
	}
}

// skip says that the job goes without a last savepoint.
func skip(o *Observed, d *Decision, why Obstacle) {
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonSavepointSkipped, Message: "the job goes without a last savepoint: " + why.Message}.
		Apply(&d.Status.Conditions, o.Job.Generation, o.Now)
	d.RequeueAfter = soon
}

// unsaved is what keeps the job from being asked for its last savepoint.
func unsaved(o *Observed, s *v1alpha1.StreamJobStatus) Obstacle {
	switch {
	case o.Job.Spec.Savepoints == nil:
		return Obstacle{Reason: v1alpha1.ReasonSavepointsMissing, Message: "it has no place for savepoints: set spec.savepoints.url"}
	case s.LastFailure != nil && s.LastFailure.Reason == v1alpha1.ReasonSavepointFailed:
		return Obstacle{Reason: s.LastFailure.Reason, Message: s.LastFailure.Message}
	case s.Suspended != nil:
		return Obstacle{Reason: v1alpha1.ReasonSuspended, Message: "it is suspended without a savepoint, and can't be asked for one"}
	case s.Held != nil:
		return Obstacle{Reason: v1alpha1.ReasonHeld, Message: "it is held at its last commit, without workers, and can't be asked for one"}
	case o.Connection.Is():
		return o.Connection
	case !o.PlanStored:
		return Obstacle{Reason: v1alpha1.ReasonPlanMissing, Message: fmt.Sprintf("the ConfigMap with the plan of epoch %d was deleted", s.Epoch)}
	case !o.Commands:
		return Obstacle{Reason: v1alpha1.ReasonSavepointsUnknown, Message: "its plan is of a format that knows no savepoints"}
	case s.Parallelism.Ready == 0:
		return Obstacle{Reason: v1alpha1.ReasonWaitingForWorkers, Message: "no worker is ready", Waiting: true}
	default:
		return elsewhere(o, s)
	}
}

// keep holds a job that is not to go without a last savepoint. Its workers are looked after: they run, and take up what would mend it.
func keep(o *Observed, d *Decision, obstacle Obstacle) {
	v := verdict.Verdict{State: verdict.Stalled, Reason: v1alpha1.ReasonSavepointRequired, Message: fmt.Sprintf("the job is not deleted before its last savepoint is made (%s): %s. "+
		"To delete it without, set spec.deletion.savepoint to Never", obstacle.Reason, obstacle.Message)}
	if obstacle.Waiting {
		v.State = verdict.Reconciling
	}
	v.Apply(&d.Status.Conditions, o.Job.Generation, o.Now)
	upkeep(o, d)
}

// upkeep keeps the workers of a job that waits for its end.
func upkeep(o *Observed, d *Decision) {
	s := &d.Status
	if s.Suspended != nil || s.Held != nil || o.Template.Is() || o.Connection.Reason == v1alpha1.ReasonConnectionMissing {
		return
	}
	image(o, s)
	replicas := min(workers(o), s.MaxOrdinal+1)
	d.Actions = append(d.Actions, workload(s.Runtime, s.Epoch, s.StateEpoch, replicas))
	d.Actions = append(d.Actions, replace(o, s.Epoch)...)
}
