package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// carry says how a plan with other state than the running one follows, or why it doesn't.
func carry(o *Observed, s *v1alpha1.StreamJobStatus) (Obstacle, next) {
	upgrade := o.Job.Spec.Upgrade
	n := next{kind: v1alpha1.AttemptNewState}
	if s.Suspended != nil {
		n.kind = v1alpha1.AttemptResume
	}
	misfit := o.Misfit
	if n.dropRemoved = upgrade.OnIncompatible == v1alpha1.IncompatibleDropRemoved && misfit != ""; n.dropRemoved {
		misfit = o.MisfitDropped
	}
	because := func(reason, message string) (Obstacle, next) {
		return refuse(o, s, Obstacle{Reason: reason, Message: message})
	}
	switch {
	case s.LastFailure != nil:
		return because(s.LastFailure.Reason, s.LastFailure.Message)
	case upgrade.Mode == v1alpha1.UpgradeStateless:
		return Obstacle{}, next{kind: v1alpha1.AttemptNewState}
	case !o.PlanStored:
		return because(v1alpha1.ReasonPlanMissing, fmt.Sprintf("the ConfigMap with the plan of epoch %d was deleted, so that nobody can say what the new query makes of its state: "+
			"set spec.sql back, "+stateless, s.Epoch))
	case carries(o, misfit).Is():
		return refuse(o, s, carries(o, misfit))
	case s.Suspended != nil && s.Suspended.Savepoint == "":
		return because(v1alpha1.ReasonSavepointsMissing, "the job was suspended without a savepoint, and the new query keeps other state: "+
			"let it go on with its query and spec.savepoints.url first, or set spec.sql back, "+stateless)
	case s.Suspended != nil:
		n.from = s.Suspended.Savepoint
		return Obstacle{}, n
	case o.Job.Spec.Savepoints == nil:
		return refuse(o, s, SavepointsMissing())
	case !o.Commands:
		return because(v1alpha1.ReasonStateChanged, fmt.Sprintf("the new query keeps other state or exchanges than the running one, whose plan, of format %d, knows no savepoints: "+
			"change the query in a way that keeps its state first, "+stateless, s.Runtime.PlanFormat))
	}
	for _, obstacle := range []Obstacle{unproven(o, s), elsewhere(o, s)} {
		if obstacle.Is() {
			return refuse(o, s, obstacle)
		}
	}
	n.stop = true
	return Obstacle{}, n
}

// carries says why no savepoint carries the state over to the new plan, which is a misfit or begins from none.
func carries(o *Observed, misfit string) Obstacle {
	switch {
	case misfit != "":
		return StateChanged(misfit)
	case o.Plan.NoCommands:
		return CarriesNone(o.Plan.Format)
	default:
		return Obstacle{}
	}
}

// elsewhere says that workers write savepoints to another place than the next ones would look for them.
func elsewhere(o *Observed, s *v1alpha1.StreamJobStatus) Obstacle {
	if slices.ContainsFunc(o.Pods, func(p Pod) bool { return p.Epoch == s.Epoch && p.Savepoints != o.Job.Spec.Savepoints.URL }) {
		return Obstacle{Reason: v1alpha1.ReasonRolling, Message: "its workers take up spec.savepoints.url first", Waiting: true}
	}
	return Obstacle{}
}

// unproven says that the epoch has not begun to work, and may go back first.
func unproven(o *Observed, s *v1alpha1.StreamJobStatus) Obstacle {
	p := s.Probation
	if p == nil || p.Deadline == nil || o.Commits == CommitsSome || allReady(s) {
		return Obstacle{}
	}
	return Obstacle{Reason: v1alpha1.ReasonProbation, Message: fmt.Sprintf("it has committed nothing yet, and goes back to the plan of epoch %d at %s if it does not",
		p.Epoch, p.Deadline.UTC().Format(time.RFC3339)), Waiting: true}
}

func allReady(s *v1alpha1.StreamJobStatus) bool {
	p := s.Parallelism
	return p.Ready == p.Desired && p.Current == p.Desired
}

// stopAtSavepoint lets the attempt in the journal begin with a savepoint that stops the job.
func stopAtSavepoint(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	deadline := metav1.NewTime(o.Now.Add(patience(o)).Truncate(time.Second)) // as the API server keeps it
	a.Phase, a.Savepoint, a.Deadline = v1alpha1.PhaseSavepointing, savepointID(o, a), &deadline
	s.Phase = v1alpha1.PhaseSavepointing
	saysSaving(o, s, "is asked for")
}

func saysSaving(o *Observed, s *v1alpha1.StreamJobStatus, what string) {
	a := s.Attempt
	message := fmt.Sprintf("%s: the savepoint %s, at which epoch %d stops, %s", a.Kind, a.Savepoint, s.Epoch, what)
	if a.Message != "" {
		message += "; " + a.Message
	}
	verdict.Verdict{
		State: verdict.Reconciling, Reason: v1alpha1.ReasonSavepointing, Message: message,
	}.Apply(&s.Conditions, o.Job.Generation, o.Now)
}

// patience is how long a savepoint, and then the start of workers, may take.
func patience(o *Observed) time.Duration {
	const byDefault = 10 * time.Minute // of an object that was made before the field
	if d := o.Job.Spec.Upgrade.Deadline.Duration; d > 0 {
		return d
	}
	return byDefault
}

// savepointID names an attempt's savepoint, in the form that all ids have: when it was asked for, and what tells it from others of that second.
func savepointID(o *Observed, a *v1alpha1.Attempt) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s/%s/%d", o.Job.UID, a.Epoch, a.Kind, a.Runtime.PlanHash, a.Generation))
	return "sp-" + o.Now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(sum[:3])
}

// saving waits for the attempt's savepoint. As long as nothing is fenced the job can go on, and does when the savepoint fails or is not wanted
// any more.
func saving(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	if o.Connection.Is() {
		hold(o, d, o.Connection)
		s.Phase = a.Phase
		return
	}
	if overtaken(o, s) {
		if s.Held != nil {
			holdInstead(o, d, "the spec asks for something else now")
			return
		}
		giveUp(o, d, "the spec asks for something else now")
		return
	}
	late := !o.Now.Before(a.Deadline.Time)
	switch sp := o.Savepoint; {
	case sp == nil:
		saysSaving(o, s, "is looked for")
	case sp.State == SavepointFinished:
		if a.Kind == v1alpha1.AttemptCarry {
			carried(o, d)
		}
		s.LastSavepoint = &v1alpha1.SavepointStatus{ID: a.Savepoint, Epoch: s.Epoch, FinishedAt: metav1.NewTime(o.Now)}
		grace := metav1.NewTime(o.Now.Add(StopGrace))
		a.Phase, a.Deadline, s.Phase = v1alpha1.PhaseFencing, &grace, v1alpha1.PhaseFencing
		saysSaving(o, s, "is there")
		d.Actions = append(d.Actions, record(o, a, sp))
		d.RequeueAfter = soon
		return
	case sp.State == SavepointFailed:
		failed(o, d, sp.Reason)
		return
	case late:
		failed(o, d, "it was not there at "+a.Deadline.UTC().Format(time.RFC3339))
		return
	case sp.State == SavepointAbsent:
		d.Actions = append(d.Actions, Action{Kind: RequestSavepoint, ID: a.Savepoint, StateEpoch: s.StateEpoch, Deadline: a.Deadline.Time})
		saysSaving(o, s, "is asked for")
	case sp.State == SavepointBusy:
		saysSaving(o, s, "waits for another one")
	default:
		if assist(o, d) {
			return
		}
		saysSaving(o, s, "is being made")
	}
	s.Phase = v1alpha1.PhaseSavepointing
	d.RequeueAfter = SavepointPollInterval
}

// overtaken says whether the spec no longer asks for what the attempt is to lead to.
func overtaken(o *Observed, s *v1alpha1.StreamJobStatus) bool {
	a, spec := s.Attempt, &o.Job.Spec
	if a.Kind == v1alpha1.AttemptCarry {
		return asksForOther(o, s)
	}
	switch {
	case a.Kind == v1alpha1.AttemptDelete:
		return spec.Savepoints == nil || elsewhere(o, s).Is()
	case spec.Savepoints == nil || rests(o) != (a.Kind == v1alpha1.AttemptSuspend) || elsewhere(o, s).Is():
		return true
	case a.Kind == v1alpha1.AttemptSuspend:
		return false
	default:
		return revised(o, a)
	}
}

// revised says whether the spec no longer asks for the plan of an attempt, or for that way to it.
func revised(o *Observed, a *v1alpha1.Attempt) bool {
	upgrade := &o.Job.Spec.Upgrade
	switch {
	case o.Query.Is() || o.Template.Is() || upgrade.Mode == v1alpha1.UpgradeStateless:
		return true
	case a.Runtime.DropRemoved && upgrade.OnIncompatible != v1alpha1.IncompatibleDropRemoved:
		return true
	default:
		return o.Plan != nil && o.Plan.Hash != a.Runtime.PlanHash
	}
}

// giveUp lets the job go on as if nothing had been asked.
func giveUp(o *Observed, d *Decision, why string) {
	s, a := &d.Status, d.Status.Attempt
	stop := Action{Kind: StopOthers, Epoch: s.Epoch} // the plan that was stored
	if s.Probation != nil {
		stop.Keep = s.Probation.Epoch
	}
	d.Actions = append(d.Actions, Action{Kind: ResumeJob, ID: a.Savepoint, StateEpoch: s.StateEpoch}, stop)
	if a.Kind != v1alpha1.AttemptCarry { // that was to lead to one that has worked
		versionEnds(d, &a.Runtime, s.Runtime, v1alpha1.ReasonGivenUp)
	}
	s.Attempt, s.Phase = nil, v1alpha1.PhaseRunning
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonWaitingForWorkers, Message: fmt.Sprintf("epoch %d goes on: %s", s.Epoch, why)}.
		Apply(&s.Conditions, o.Job.Generation, o.Now)
	d.RequeueAfter = soon
}

// failed gives up an attempt whose savepoint there will not be, for as long as the spec stays as it is.
func failed(o *Observed, d *Decision, why string) {
	a := d.Status.Attempt
	if a.Kind == v1alpha1.AttemptCarry || d.Status.Held != nil {
		holdInstead(o, d, fmt.Sprintf("the savepoint %s was not made: %s", a.Savepoint, why))
		return
	}
	message := fmt.Sprintf("the savepoint %s was not made: %s. When that is mended, change the spec to try again: spec.upgrade.deadline, say", a.Savepoint, why)
	d.Status.LastFailure = &v1alpha1.Failure{Generation: a.Generation, Reason: v1alpha1.ReasonSavepointFailed, Message: message}
	giveUp(o, d, message)
}
