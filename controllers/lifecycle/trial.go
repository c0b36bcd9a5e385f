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

const (
	// TrialPollInterval is how often a trial is looked at.
	TrialPollInterval = 2 * time.Second
	// TrialGrace is how long the pod of a trial that is over has to end before what it has on Kafka is deleted.
	TrialGrace = 45 * time.Second
	// TrialTidying is how long it is tried to delete what a trial has on Kafka.
	TrialTidying = 30 * time.Minute
)

// TrialWork is how far the work of a trial is.
type TrialWork struct {
	State TrialState
	// Message says why it has failed, or does not get on; empty where there is nothing to say.
	Message string
	// Pods says that a pod of it is there that may still work.
	Pods bool
	// Commits says whether it has taken over its state and has committed rows; asked once its time is over.
	Commits Commits
}

// TrialState is a state of a trial's work.
type TrialState uint8

// The states.
const (
	TrialAbsent TrialState = iota
	TrialAtWork
	TrialDone
	TrialBroken
)

// A trial is beside the attempts of the journal, and comes before the one that it is for: until it has passed the job runs, scales and rolls as ever.
//
//	Trial{} ─► StreamSavepoint ─► workload{Deadline} ─► Outcome: Passed   ─► attempt, while the trial is tidied up
//	   │             │                  │                          Failed   ─► LastFailure; the job goes on
//	   └─────────────┴──────────────────┴── not wanted any more ─► GivenUp  ─► whatever the spec asks for
//
// Outcome is written before anything is deleted, and the trial leaves the journal when all that it had is gone.

func trying(s *v1alpha1.StreamJobStatus) bool { return s.Trial != nil && s.Trial.Outcome == "" }

// try says what keeps the version that the spec asks for from taking over: its trial, or that it has failed there.
func try(o *Observed, d *Decision, n next) Obstacle {
	s := &d.Status
	if f := s.LastFailure; f != nil && f.Reason == v1alpha1.ReasonTrialFailed {
		obstacle, _ := refuse(o, s, Obstacle{Reason: f.Reason, Message: f.Message})
		return obstacle
	}
	t := s.Trial
	switch {
	case n.kind != v1alpha1.AttemptNewPlan && n.kind != v1alpha1.AttemptNewState, o.Job.Spec.Upgrade.Trial == nil && t == nil:
		return Obstacle{}
	case t == nil:
		return beginTrial(o, d, n)
	case t.Outcome != "":
		return waits(o, "what the trial "+t.ID+" has left is being deleted")
	case t.Deadline == nil:
		return saveForTrial(o, d)
	default:
		return judgeTrial(o, d)
	}
}

// waits is the obstacle of a trial under way.
func waits(o *Observed, what string) Obstacle {
	return Obstacle{Reason: v1alpha1.ReasonTrial, Message: fmt.Sprintf("epoch %d goes on with its query: %s", o.Job.Status.Epoch, what), Waiting: true}
}

// beginTrial writes the intent of a trial. A job of which no worker works has nothing that a trial would spare, and no savepoint to give: what mends it is
// not held up.
func beginTrial(o *Observed, d *Decision, n next) Obstacle {
	s := &d.Status
	if s.Parallelism.Ready == 0 {
		return Obstacle{}
	}
	saves := o.Job.Spec.Savepoints != nil && o.Commands && o.Job.Spec.Upgrade.Mode != v1alpha1.UpgradeStateless
	if obstacle := unproven(o, s); saves && obstacle.Is() {
		return obstacle
	}
	if saves && elsewhere(o, s).Is() {
		return elsewhere(o, s)
	}
	t := &v1alpha1.TrialStatus{
		ID: trialID(o), Epoch: s.Epoch + 1, StartedAt: metav1.NewTime(o.Now.Truncate(time.Second)),
		Runtime: v1alpha1.RuntimeStatus{
			Image: o.Image, PlanFormat: o.Plan.Format, PlanHash: o.Plan.Hash, StateHash: o.Plan.StateHash, InputHash: o.Plan.InputHash,
			PodHash: PodHash(&o.Job.Spec, &o.Brokers), DropRemoved: n.dropRemoved,
		},
	}
	if saves {
		t.Savepoint = o.Job.Name + "-trial-" + t.ID
	}
	s.Trial = t
	versionBegins(o, d, &t.Runtime)
	return waits(o, "the new one is tried")
}

// trialID tells the trials of a job, and of its namesakes, from each other.
func trialID(o *Observed) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s/%d", o.Job.UID, o.Job.Generation, o.Plan.Hash, o.Now.Unix()))
	return hex.EncodeToString(sum[:3])
}

// saveForTrial waits for the savepoint that the trial begins from, for which the job does not stop, and begins the trial.
func saveForTrial(o *Observed, d *Decision) Obstacle {
	s, t := &d.Status, d.Status.Trial
	from := ""
	if t.Savepoint != "" {
		late := !o.Now.Before(t.StartedAt.Add(2 * patience(o))) // of the time that it has once it is asked for, and as much to be asked for
		i := slices.IndexFunc(o.Records.List, func(r v1alpha1.StreamSavepoint) bool { return r.Name == t.Savepoint })
		switch {
		case i < 0 || o.Records.List[i].Status.Phase != v1alpha1.SavepointCompleted && o.Records.List[i].Status.Phase != v1alpha1.SavepointFailed:
			if late {
				return failTrial(o, d, "its savepoint was not there in time")
			}
			if i < 0 {
				d.Actions = append(d.Actions, Action{Kind: KeepRecord, ID: t.ID, Record: &NewRecord{
					Name: t.Savepoint, Origin: v1alpha1.OriginTrial, Policy: v1alpha1.DeletionDelete,
				}})
			}
			return waits(o, "the new one is tried once the StreamSavepoint "+t.Savepoint+" is completed")
		case o.Records.List[i].Status.Phase == v1alpha1.SavepointFailed:
			return failTrial(o, d, "its savepoint was not made: "+saidOf(&o.Records.List[i]))
		}
		from = o.Records.List[i].Status.ID
	}
	deadline := metav1.NewTime(o.Now.Add(trialTimeout(o)).Truncate(time.Second))
	t.Deadline, t.Runtime.RestoreFrom = &deadline, from
	d.Actions = append(d.Actions, trialWorkload(o, s))
	return tries(o, d)
}

// saidOf is what a StreamSavepoint says of itself.
func saidOf(r *v1alpha1.StreamSavepoint) string {
	for _, c := range r.Status.Conditions {
		if c.Type == v1alpha1.ConditionStalled && c.Message != "" {
			return c.Message
		}
	}
	return "see StreamSavepoint " + r.Name
}

func trialWorkload(o *Observed, s *v1alpha1.StreamJobStatus) Action {
	t := s.Trial
	a := Action{Kind: ApplyTrial, ID: t.ID, Epoch: t.Epoch, Image: t.Runtime.Image, RestoreFrom: t.Runtime.RestoreFrom, DropRemoved: t.Runtime.DropRemoved, Timeout: trialTimeout(o)}
	if spec := o.Job.Spec.Upgrade.Trial; spec != nil {
		a.Rows = spec.Rows
	}
	return a
}

func trialTimeout(o *Observed) time.Duration {
	const byDefault = 5 * time.Minute // of an object that no API server has filled in
	if t := o.Job.Spec.Upgrade.Trial; t != nil && t.Timeout.Duration > 0 {
		return t.Timeout.Duration
	}
	return byDefault
}

// tries says that the trial is at work.
func tries(o *Observed, d *Decision) Obstacle {
	t := d.Status.Trial
	what := fmt.Sprintf("the new one works on rows of it in the trial %s, whose output nobody sees, until %s at the latest", t.ID, t.Deadline.UTC().Format(time.RFC3339))
	if o.Trial != nil && o.Trial.Message != "" {
		what += " (" + o.Trial.Message + ")"
	}
	return waits(o, what)
}

// judgeTrial looks what became of the work.
func judgeTrial(o *Observed, d *Decision) Obstacle {
	s, w := &d.Status, o.Trial
	if w == nil {
		return tries(o, d)
	}
	late := !o.Now.Before(s.Trial.Deadline.Time)
	after := fmt.Sprintf("after %s ", trialTimeout(o))
	switch {
	case w.State == TrialDone:
		return passTrial(o, d, "it has worked on its rows")
	case w.State == TrialBroken:
		return failTrial(o, d, w.Message)
	case w.State == TrialAbsent && s.Trial.Message != "":
		return failTrial(o, d, "it can't begin: "+s.Trial.Message)
	case late && w.Commits == CommitsSome:
		return passTrial(o, d, after+"it was not through, and nothing had failed")
	case late && w.Commits == CommitsNone && w.Message != "":
		return failTrial(o, d, after+"it had committed nothing: "+w.Message)
	case late && w.Commits == CommitsNone:
		return failTrial(o, d, after+"it had committed nothing: see the logs of its pod, or give spec.upgrade.trial.timeout more time")
	case w.State == TrialAbsent: // somebody deleted it
		d.Actions = append(d.Actions, trialWorkload(o, s))
	}
	return tries(o, d)
}

// passTrial lets the version take over, in this very pass.
func passTrial(o *Observed, d *Decision, why string) Obstacle {
	endTrial(o, d, v1alpha1.TrialPassed, why)
	return Obstacle{}
}

// failTrial leaves the job with what runs, for as long as the spec stays as it is.
func failTrial(o *Observed, d *Decision, why string) Obstacle {
	s, t := &d.Status, d.Status.Trial
	endTrial(o, d, v1alpha1.TrialFailed, why)
	s.LastFailure = &v1alpha1.Failure{Generation: o.Job.Generation, Reason: v1alpha1.ReasonTrialFailed, Message: "the new version has failed in its trial: " + why + ". Change the spec to try again"}
	versionEnds(d, &t.Runtime, s.Runtime, v1alpha1.ReasonTrialFailed)
	obstacle, _ := refuse(o, s, Obstacle{Reason: s.LastFailure.Reason, Message: s.LastFailure.Message})
	return obstacle
}

func endTrial(o *Observed, d *Decision, outcome v1alpha1.TrialOutcome, why string) {
	t, at := d.Status.Trial, metav1.NewTime(o.Now.Truncate(time.Second))
	t.Outcome, t.Message, t.EndedAt = outcome, why, &at
}

// takeBackTrial ends the trial of a version that the spec does not ask for any more.
func takeBackTrial(o *Observed, d *Decision, n next) {
	s, t := &d.Status, d.Status.Trial
	if !trying(s) {
		return
	}
	other := n.kind != "" && n.kind != v1alpha1.AttemptNewPlan && n.kind != v1alpha1.AttemptNewState
	switch {
	case other, rests(o), o.Query.Is(), o.Template.Is(), o.Job.Spec.Upgrade.Trial == nil:
	case o.Plan != nil && o.Plan.Hash != t.Runtime.PlanHash, o.Version != t.Runtime.Revision, n.kind != "" && n.dropRemoved != t.Runtime.DropRemoved:
	default:
		return
	}
	giveTrialUp(o, d)
}

func giveTrialUp(o *Observed, d *Decision) {
	endTrial(o, d, v1alpha1.TrialGivenUp, "the spec asks for something else now")
	versionEnds(d, &d.Status.Trial.Runtime, d.Status.Runtime, v1alpha1.ReasonGivenUp)
}

// tidy deletes what a trial has that is over, and then forgets it. What is under way meanwhile, or begins, does not wait for that.
func tidy(o *Observed, d *Decision) {
	s, t := &d.Status, d.Status.Trial
	if t == nil {
		return
	}
	if trying(s) && (s.Attempt != nil || s.Suspended != nil || !o.Job.DeletionTimestamp.IsZero()) {
		giveTrialUp(o, d)
	}
	before := o.Job.Status.Trial
	lookAgain(d, TrialPollInterval)
	if before == nil || before.Outcome != t.Outcome { // it is not in the journal yet
		lookAgain(d, soon)
		return
	}
	if trying(s) {
		return
	}
	d.Actions = append(d.Actions, stopTrial(t))
	over := o.Now.Sub(t.EndedAt.Time)
	working := (o.Trial == nil || o.Trial.Pods) && over < TrialGrace
	if working || o.Connection.Is() && over < TrialTidying {
		return
	}
	d.Actions = append(d.Actions, endOfTrial(s, !o.Connection.Is())...)
	s.Trial = nil
}

// lookAgain asks for the next pass by then at the latest.
func lookAgain(d *Decision, in time.Duration) {
	if d.RequeueAfter == 0 || d.RequeueAfter > in {
		d.RequeueAfter = in
	}
}

func stopTrial(t *v1alpha1.TrialStatus) Action {
	return Action{Kind: StopTrial, ID: t.ID, Epoch: t.Epoch, Name: t.Savepoint}
}

// endOfTrial is what ends a trial on Kafka. It may have begun though the journal does not say so: the operator died before it could.
func endOfTrial(s *v1alpha1.StreamJobStatus, reachable bool) []Action {
	if s.Trial == nil || !reachable {
		return nil
	}
	return []Action{{Kind: EndTrial, ID: s.Trial.ID, Epoch: s.Trial.Epoch}}
}

// untried says that the attempt in the journal is of a version that was to be tried, and was not.
func untried(o *Observed, s *v1alpha1.StreamJobStatus) bool {
	k := s.Attempt.Kind
	return o.Job.Spec.Upgrade.Trial != nil && s.Trial == nil && (k == v1alpha1.AttemptNewPlan || k == v1alpha1.AttemptNewState)
}

// skipped says that a version takes over without the trial that the spec asks for.
func skipped(o *Observed, d *Decision) {
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonTrialSkipped, Message: fmt.Sprintf("epoch %d takes over without a trial, since no worker of epoch %d is ready", d.Status.Attempt.Epoch, d.Status.Epoch)}.
		Apply(&d.Status.Conditions, o.Job.Generation, o.Now)
}
