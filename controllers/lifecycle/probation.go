package lifecycle

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// probation is what the epoch of the attempt in the journal has to prove once it is deployed; the status is still that of the epoch before.
func probation(o *Observed, s *v1alpha1.StreamJobStatus) *v1alpha1.Probation {
	a := s.Attempt
	deadline := metav1.NewTime(o.Now.Add(patience(o)))
	switch {
	case a.Kind == v1alpha1.AttemptFirstStart && a.Savepoint == "":
		return nil
	case !newTopics(a):
		p := s.Probation.DeepCopy()
		if p != nil && p.Deadline != nil {
			p.Deadline = &deadline
		}
		return p
	case a.Kind == v1alpha1.AttemptRollBack, s.Runtime == nil, a.Savepoint == "", a.Runtime.PlanHash == s.Runtime.PlanHash: // there is nothing to go back to
		return &v1alpha1.Probation{}
	}
	before := s.Runtime.DeepCopy()
	return &v1alpha1.Probation{Deadline: &deadline, Epoch: s.Epoch, Runtime: before, Generation: a.Generation}
}

// prove ends the probation of an epoch that works: now what was before it may go.
func prove(o *Observed, d *Decision) {
	s := &d.Status
	if s.Probation != nil && s.Probation.Deadline != nil {
		if left := s.Probation.Deadline.Sub(o.Now); left > 0 {
			d.RequeueAfter = min(d.RequeueAfter, left)
		}
	}
	if s.Probation == nil || o.Commits != CommitsSome || !allReady(s) || o.Connection.Is() {
		return
	}
	d.Actions = append(d.Actions, Action{Kind: StopOthers, Epoch: s.Epoch}, Action{Kind: DropState, StateEpoch: s.StateEpoch})
	s.Probation = nil
}

// goesBack begins the way back of an epoch that has committed nothing: because its workers did not become ready in time, or because the
// spec asks for the plan before again. The plan before begins from the same savepoint, in an epoch of its own.
func goesBack(o *Observed, d *Decision) bool {
	s, p := &d.Status, d.Status.Probation
	if p == nil || p.Deadline == nil || o.Commits != CommitsNone || o.Connection.Is() || o.Template.Is() {
		return false
	}
	asked := o.Plan != nil && o.Plan.Hash == p.Runtime.PlanHash
	late := !o.Now.Before(p.Deadline.Time) && !allReady(s)
	if !asked && !late {
		return false
	}
	if !asked {
		generation := p.Generation
		if o.Plan != nil && o.Plan.Hash == s.Runtime.PlanHash { // other fields have changed since
			generation = o.Job.Generation
		}
		s.LastFailure = &v1alpha1.Failure{Generation: generation, Reason: v1alpha1.ReasonRolledBack, Message: fmt.Sprintf(
			"%d of %d workers of epoch %d were ready at its deadline, and it had committed nothing: the job went back to the plan of epoch %d. "+
				"See why in the logs of its workers, and change the spec", s.Parallelism.Ready, s.Parallelism.Desired, s.Epoch, p.Epoch)}
	}
	runtime := *p.Runtime.DeepCopy()
	runtime.RestoreFrom, runtime.RestoreExactly, runtime.DropRemoved = s.Runtime.RestoreFrom, true, false
	a := intend(o, d, v1alpha1.AttemptRollBack, runtime, Action{Kind: StorePlan, From: p.Epoch})
	a.Savepoint = s.Runtime.RestoreFrom
	return true
}

// lookBack looks once more whether nothing was committed, now that the workers are fenced. If it was, the epoch that was to be left goes
// on instead. It is decided before anything is deployed: what the next epoch commits would look the same.
func lookBack(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	d.RequeueAfter = soon
	switch o.Commits {
	case CommitsNone:
		versionEnds(d, s.Runtime, &a.Runtime, v1alpha1.ReasonRolledBack)
	case CommitsSome:
		d.Actions = append(d.Actions, Action{Kind: StorePlan, Epoch: a.Epoch, From: s.Epoch})
		a.Kind, a.Savepoint, a.Runtime = v1alpha1.AttemptResume, "", *s.Runtime.DeepCopy()
		s.LastFailure, s.Probation = nil, &v1alpha1.Probation{}
	default:
		hold(o, d, Obstacle{Reason: v1alpha1.ReasonBrokersUnreachable, Message: "waits to see what was committed", Waiting: true})
		s.Phase = a.Phase
		return
	}
	deploying(o, s)
}
