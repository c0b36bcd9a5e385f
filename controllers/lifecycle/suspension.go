package lifecycle

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// toSuspend says how a running job stops, or what keeps it from that.
func toSuspend(o *Observed, s *v1alpha1.StreamJobStatus) (Obstacle, next) {
	n := next{kind: v1alpha1.AttemptSuspend, stop: o.Stateful && o.Commands && o.Job.Spec.Savepoints != nil}
	obstacle := Obstacle{}
	switch {
	case s.LastFailure != nil && s.LastFailure.Reason == v1alpha1.ReasonSavepointFailed:
		obstacle = Obstacle{Reason: s.LastFailure.Reason, Message: s.LastFailure.Message}
	case o.Connection.Is():
		obstacle = o.Connection
	case !o.PlanStored: // whether it has state is not known
		obstacle = Obstacle{Reason: v1alpha1.ReasonPlanMissing, Message: "waits for the plan of the epoch that runs", Waiting: true}
	case unproven(o, s).Is():
		obstacle = unproven(o, s)
	case n.stop:
		obstacle = elsewhere(o, s)
	}
	if obstacle.Is() {
		obstacle.Message = "the job is not suspended yet: " + obstacle.Message
		return obstacle, next{}
	}
	return obstacle, n
}

// suspend writes the intent of a stop.
func suspend(o *Observed, d *Decision, n next) {
	intend(o, d, v1alpha1.AttemptSuspend, *d.Status.Runtime.DeepCopy(), Action{})
	if n.stop {
		stopAtSavepoint(o, d)
	}
}

// rest closes the attempt that has stopped the job.
func rest(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	s.Suspended = &v1alpha1.Suspension{Savepoint: a.Savepoint, Since: metav1.NewTime(o.Now)}
	s.Attempt, s.LastFailure = nil, nil
	switch {
	case a.Savepoint != "": // what comes next has topics of its own, and deletes all those before
		s.Probation = nil
	case s.Probation != nil:
		s.Probation = &v1alpha1.Probation{}
	}
	resting(o, s)
}

func resting(o *Observed, s *v1alpha1.StreamJobStatus) {
	reason, until := v1alpha1.ReasonSuspended, "when spec.suspend is false"
	if !o.Job.Spec.Suspend {
		reason, until = v1alpha1.ReasonScaledToZero, "when something arrives"
	}
	message := "the job rests; it goes on where it stopped " + until
	if s.Suspended.Savepoint != "" {
		message = "the job rests at the savepoint " + s.Suspended.Savepoint + "; it goes on from there " + until
	}
	s.Phase = v1alpha1.PhaseSuspended
	verdict.Verdict{State: verdict.Resting, Reason: reason, Message: message}.Apply(&s.Conditions, o.Job.Generation, o.Now)
}

// suspended looks after a job that rests. It goes on from its savepoint where it has one, whatever the brokers still know of it: they forget the
// offsets of a group that nobody is in.
func suspended(o *Observed, d *Decision) {
	s := &d.Status
	if others(o, 0) {
		d.Actions = append(d.Actions, Action{Kind: StopOthers, Keep: s.Epoch})
		d.Actions = append(d.Actions, release(o, s.Epoch+1)...) // all were fenced when it stopped
		d.RequeueAfter = PollInterval
	}
	topics(o, s)
	if rests(o) {
		resting(o, s)
		return
	}
	obstacle, n := follow(o, s)
	if !obstacle.Is() && n.kind == "" {
		obstacle = Obstacle{Reason: v1alpha1.ReasonWaitingForTopics, Message: "waits for a plan", Waiting: true}
	}
	if obstacle.Is() {
		hold(o, d, obstacle)
		s.Phase = v1alpha1.PhaseSuspended
		return
	}
	begin(o, d, n)
}
