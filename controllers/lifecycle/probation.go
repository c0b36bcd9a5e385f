package lifecycle

import (
	"fmt"
	"time"

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
			p.Deadline, p.CommittedAt, p.Until, p.Restarts, p.Read, p.Lag = &deadline, nil, nil, 0, nil, nil
		}
		return p
	case goingBack(a.Kind), s.Runtime == nil, a.Savepoint == "", a.Runtime.PlanHash == s.Runtime.PlanHash: // there is nothing to go back to
		return &v1alpha1.Probation{}
	}
	p := &v1alpha1.Probation{Deadline: &deadline, Epoch: s.Epoch, Runtime: s.Runtime.DeepCopy(), Generation: a.Generation}
	if s.Held != nil && s.Probation != nil && s.Probation.Runtime != nil && o.PlanBefore && o.MisfitBack == "" { // not to a version that has failed
		p.Epoch, p.Runtime, p.DropRemoved = s.Probation.Epoch, s.Probation.Runtime.DeepCopy(), true
	}
	return p
}

// goingBack says whether an attempt leads to the plan before.
func goingBack(kind v1alpha1.AttemptKind) bool {
	return kind == v1alpha1.AttemptRollBack || kind == v1alpha1.AttemptCarry || kind == v1alpha1.AttemptReplay
}

// before is the epoch whose plan an epoch on probation could go back to; 0 is none.
func before(s *v1alpha1.StreamJobStatus) int64 {
	if s.Probation == nil {
		return 0
	}
	return s.Probation.Epoch
}

// prove leads the probation of an epoch on: its clock begins with the first commit, and at its end what was before may go. An epoch that has nowhere
// to go back to has its end with the first commit.
func prove(o *Observed, d *Decision) {
	s, p := &d.Status, d.Status.Probation
	if p == nil {
		return
	}
	if p.Deadline != nil && p.CommittedAt == nil {
		if left := p.Deadline.Sub(o.Now); left > 0 {
			d.RequeueAfter = min(d.RequeueAfter, left)
		}
		if o.Commits == CommitsNone && p.Begun == nil && o.Progress != nil {
			p.Begun = &o.Progress.ReadRecords
		}
	}
	if o.Commits != CommitsSome || o.Connection.Is() || clock(o, d) || !allReady(s) {
		return
	}
	if p.Until != nil { // that it has passed is written before the plan goes that it could go back to
		s.Probation = &v1alpha1.Probation{}
		d.RequeueAfter = soon
		return
	}
	d.Actions = append(d.Actions, Action{Kind: StopOthers, Epoch: s.Epoch}, Action{Kind: DropState, StateEpoch: s.StateEpoch})
	s.Probation = nil
}

// onProbation says until when an epoch is on probation, to be put behind what it does.
func onProbation(s *v1alpha1.StreamJobStatus) string {
	if p := s.Probation; p != nil && p.Until != nil {
		return ", on probation until " + p.Until.UTC().Format(time.RFC3339)
	}
	return ""
}

// clock says whether the time still goes that a version has to work after its first commit.
func clock(o *Observed, d *Decision) bool {
	p, lasts := d.Status.Probation, o.Job.Spec.Upgrade.ProbationTime()
	if p.Runtime == nil || lasts == 0 {
		return false
	}
	if p.CommittedAt == nil {
		at := metav1.NewTime(o.Now.Truncate(time.Second)) // as the API server keeps it
		p.CommittedAt, p.Restarts = &at, restarts(o, d.Status.Epoch)
		if o.Progress != nil {
			p.Read, p.Lag = &o.Progress.ReadRecords, &o.Progress.LagRecords
		}
	}
	until := metav1.NewTime(p.CommittedAt.Add(lasts))
	p.Until = &until
	left := until.Sub(o.Now)
	if left > 0 {
		d.RequeueAfter = min(d.RequeueAfter, left)
	}
	return left > 0
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
		s.LastFailure = &v1alpha1.Failure{Generation: blamed(o, s), Reason: v1alpha1.ReasonRolledBack, Message: fmt.Sprintf(
			"%d of %d workers of epoch %d were ready at its deadline, and it had committed nothing: the job went back to the plan of epoch %d. "+
				"See why in the logs of its workers, and change the spec", s.Parallelism.Ready, s.Parallelism.Desired, s.Epoch, p.Epoch)}
	}
	runtime := *p.Runtime.DeepCopy()
	runtime.RestoreFrom, runtime.RestoreExactly, runtime.DropRemoved = s.Runtime.RestoreFrom, true, p.DropRemoved
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
		s.LastFailure = nil
		if o.Job.Spec.Upgrade.ProbationTime() == 0 {
			s.Probation = &v1alpha1.Probation{}
		}
	default:
		hold(o, d, Obstacle{Reason: v1alpha1.ReasonBrokersUnreachable, Message: "waits to see what was committed", Waiting: true})
		s.Phase = a.Phase
		return
	}
	deploying(o, s)
}
