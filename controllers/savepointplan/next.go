package savepointplan

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/verdict"
)

// Next decides what to do about a savepoint.
func Next(o *Observed) Decision {
	d := Decision{Status: *o.Savepoint.Status.DeepCopy()}
	s := &d.Status
	if !o.Finalizer && o.Savepoint.DeletionTimestamp.IsZero() { // what is said of it comes with the next pass
		d.Actions = []Action{{Kind: AddFinalizer}}
		d.RequeueAfter = soon
		return d
	}
	s.ObservedGeneration = o.Savepoint.Generation
	switch {
	case !o.Savepoint.DeletionTimestamp.IsZero():
		deletion(o, &d)
	case s.Phase == v1alpha1.SavepointCompleted:
		completed(o, s)
	case s.Phase == v1alpha1.SavepointFailed: // for good; what the conditions say stays
	case o.Savepoint.Spec.Existing != nil:
		existing(o, &d)
	case s.Phase == v1alpha1.SavepointInProgress:
		inProgress(o, &d)
	default:
		pending(o, &d)
	}
	return d
}

// ID is the savepoint's: when its StreamSavepoint was made, and a part of the uid. It is the same whoever works it out, so that to ask again
// is to ask for the same.
func ID(s *v1alpha1.StreamSavepoint) string {
	const length = 8 // of the uid's first group, which is random
	uid := string(s.UID)
	return "sp-" + s.CreationTimestamp.UTC().Format("20060102T150405Z") + "-" + uid[:min(length, len(uid))]
}

// existing takes up a savepoint that is there already.
func existing(o *Observed, d *Decision) {
	s, e := &d.Status, o.Savepoint.Spec.Existing
	url, prefix := e.URL, e.Job
	if url == "" {
		if o.Job == nil || o.Job.Spec.Savepoints == nil {
			wait(o, d, lifecycle.Obstacle{Reason: v1alpha1.ReasonSavepointsMissing, Message: "no store is known: " +
				"give spec.existing.url in a new StreamSavepoint, or spec.savepoints.url in StreamJob " + o.Savepoint.Spec.JobRef.Name})
			return
		}
		url = o.Job.Spec.Savepoints.URL
	}
	if prefix == "" {
		prefix = o.Prefix
	}
	s.Phase = v1alpha1.SavepointCompleted
	s.ID, s.URL, s.Job, s.Epoch, s.Rows, s.Bytes = e.ID, url, prefix, e.Epoch, e.Rows, e.Bytes
	s.Location, s.CompletedAt = render.SavepointLocation(url, prefix, e.ID), e.CompletedAt
	completed(o, s)
}

// completed says where it is.
func completed(o *Observed, s *v1alpha1.StreamSavepointStatus) {
	verdict.Verdict{State: verdict.Ready, Reason: v1alpha1.ReasonSavepointCompleted, Message: "the savepoint " + s.ID + " is at " + s.Location}.
		Apply(&s.Conditions, o.Savepoint.Generation, o.Now)
}

// pending waits until the job can be asked, and then writes that it is going to be.
func pending(o *Observed, d *Decision) {
	s := &d.Status
	if obstacle := obstacle(o); obstacle.Is() {
		wait(o, d, obstacle)
		return
	}
	job := o.Job.Status
	now, deadline := metav1.NewTime(o.Now.Truncate(time.Second)), metav1.NewTime(o.Now.Add(patience(o)).Truncate(time.Second))
	s.Phase = v1alpha1.SavepointInProgress
	s.ID, s.URL, s.Job, s.Epoch, s.StateEpoch = ID(o.Savepoint), o.Job.Spec.Savepoints.URL, job.Prefix, job.Epoch, job.StateEpoch
	s.Location = render.SavepointLocation(s.URL, s.Job, s.ID)
	s.RequestedAt, s.Deadline = &now, &deadline
	says(o, s, "the job is asked for it")
	d.RequeueAfter = soon
}

// wait says what keeps the job from being asked.
func wait(o *Observed, d *Decision, obstacle lifecycle.Obstacle) {
	v := verdict.Verdict{State: verdict.Stalled, Reason: obstacle.Reason, Message: obstacle.Message}
	if obstacle.Waiting {
		v.State = verdict.Reconciling
	}
	d.Status.Phase = v1alpha1.SavepointPending
	v.Apply(&d.Status.Conditions, o.Savepoint.Generation, o.Now)
	d.RequeueAfter = PollInterval
}

// obstacle is what keeps the job from being asked for a savepoint; it can go away by itself, or by a change of the job.
func obstacle(o *Observed) lifecycle.Obstacle {
	if o.Job == nil {
		return stalls(o, v1alpha1.ReasonJobMissing, "is not there: make it, or delete this StreamSavepoint")
	}
	if found := rests(o); found.Is() {
		return found
	}
	spec, s := &o.Job.Spec, &o.Job.Status
	switch {
	case s.Attempt != nil || spec.Suspend:
		return waits(o, v1alpha1.ReasonJobBusy, "begins a new epoch, or stops")
	case s.Epoch == 0:
		return waits(o, v1alpha1.ReasonJobNotStarted, "has never run: its conditions say why")
	case o.Connection.Is():
		return o.Connection
	case !o.Commands:
		return stalls(o, v1alpha1.ReasonSavepointsUnknown, "runs a plan that knows no savepoints, or whose ConfigMap is gone: the next change of its query brings one that does")
	case o.Elsewhere:
		return waits(o, v1alpha1.ReasonRolling, "rolls its workers: they take up spec.savepoints.url first")
	case s.Parallelism.Ready == 0:
		return waits(o, v1alpha1.ReasonWaitingForWorkers, "has no worker that is ready")
	case o.Before != "":
		return waits(o, v1alpha1.ReasonWaitingForSavepoint, "makes the StreamSavepoint "+o.Before+" first")
	default:
		return lifecycle.Obstacle{}
	}
}

// rests is the obstacle of a job that does not run, or has no place for savepoints, because its user wants it so.
func rests(o *Observed) lifecycle.Obstacle {
	spec, s := &o.Job.Spec, &o.Job.Status
	switch {
	case !o.Job.DeletionTimestamp.IsZero():
		return stalls(o, v1alpha1.ReasonDeleting, "is being deleted: spec.deletion.savepoint of the job asks for a last savepoint")
	case o.Job.IsBatch():
		return stalls(o, v1alpha1.ReasonSavepointsMissing, "is a batch job, of which there are no savepoints: a part of its sources may have ended")
	case spec.Savepoints == nil:
		return stalls(o, v1alpha1.ReasonSavepointsMissing, "has no place for savepoints: set spec.savepoints.url of the job; it rolls the workers, and then one is made")
	case s.Suspended != nil && s.Suspended.Savepoint != "":
		return stalls(o, v1alpha1.ReasonSuspended, "is suspended, and its state is the savepoint "+s.Suspended.Savepoint+" that it stopped at: a new one is made when spec.suspend of the job is false")
	case s.Held != nil:
		return stalls(o, v1alpha1.ReasonHeld, "is held at its last commit: see its conditions for how it goes on")
	case s.Suspended != nil, s.Epoch == 0 && spec.Suspend:
		return stalls(o, v1alpha1.ReasonSuspended, "is suspended: set spec.suspend of the job to false")
	default:
		return lifecycle.Obstacle{}
	}
}

func waits(o *Observed, reason, what string) lifecycle.Obstacle {
	return lifecycle.Obstacle{Reason: reason, Message: "waits: StreamJob " + o.Savepoint.Spec.JobRef.Name + " " + what, Waiting: true}
}

func stalls(o *Observed, reason, what string) lifecycle.Obstacle {
	return lifecycle.Obstacle{Reason: reason, Message: "StreamJob " + o.Savepoint.Spec.JobRef.Name + " " + what}
}

// inProgress sees to it that the job is asked, and waits for what becomes of it.
func inProgress(o *Observed, d *Decision) {
	s := &d.Status
	if o.Job == nil {
		failed(o, d, v1alpha1.ReasonJobMissing, "the StreamJob was deleted before it was made")
		return
	}
	if o.Connection.Is() || o.Made == nil {
		says(o, s, "is looked for: "+o.Connection.Message)
		d.RequeueAfter = PollInterval
		return
	}
	d.RequeueAfter = ProgressInterval
	gone := o.Job.Status.StateEpoch != s.StateEpoch
	switch m := o.Made; {
	case m.State == Finished:
		now := metav1.NewTime(o.Now.Truncate(time.Second))
		s.Phase, s.CompletedAt, s.Rows, s.Bytes = v1alpha1.SavepointCompleted, &now, &m.Rows, &m.Bytes
		completed(o, s)
		d.RequeueAfter = 0
	case m.State == Failed:
		failed(o, d, v1alpha1.ReasonSavepointFailed, m.Reason)
	case gone:
		failed(o, d, v1alpha1.ReasonSavepointFailed, fmt.Sprintf("the job has begun anew, in state epoch %d", o.Job.Status.StateEpoch))
	case m.State == Asked && o.Now.After(m.Deadline.Add(answerPatience)):
		failed(o, d, v1alpha1.ReasonSavepointFailed, "nobody said what became of it by "+m.Deadline.UTC().Format(time.RFC3339)+"; look whether the job's workers run")
	case m.State == Asked && m.Cut:
		says(o, s, "all tasks are cut, their state is being written")
	case m.State == Asked:
		says(o, s, "the sources are held until all tasks are cut")
	default:
		ask(o, d)
	}
}

// ask asks the job, or goes back to wait where it can't be asked any more. That the topic knows nothing can also mean that the savepoint was
// over for long while nobody looked: then the job finds it in the store, and says so again.
func ask(o *Observed, d *Decision) {
	s := &d.Status
	if obstacle := obstacle(o); obstacle.Is() {
		s.RequestedAt, s.Deadline = nil, nil
		wait(o, d, obstacle)
		return
	}
	if o.Made.State == Busy {
		says(o, s, "waits for another savepoint of the job")
		return
	}
	if !o.Now.Before(s.Deadline.Time) {
		deadline := metav1.NewTime(o.Now.Add(patience(o)).Truncate(time.Second))
		s.Deadline = &deadline
	}
	d.Actions = []Action{{Kind: Ask, ID: s.ID, StateEpoch: s.StateEpoch, Deadline: s.Deadline.Time}}
	says(o, s, "the job is asked for it")
}

func says(o *Observed, s *v1alpha1.StreamSavepointStatus, what string) {
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonSavepointing, Message: "savepoint " + s.ID + ": " + what}.
		Apply(&s.Conditions, o.Savepoint.Generation, o.Now)
}

func failed(o *Observed, d *Decision, reason, why string) {
	d.Status.Phase, d.RequeueAfter = v1alpha1.SavepointFailed, 0
	verdict.Verdict{State: verdict.Stalled, Reason: reason, Message: fmt.Sprintf(
		"the savepoint %s was not made: %s. When that is mended, make another StreamSavepoint", d.Status.ID, why)}.Apply(&d.Status.Conditions, o.Savepoint.Generation, o.Now)
}

// patience is how long the job has.
func patience(o *Observed) time.Duration {
	const byDefault = 10 * time.Minute
	if d := o.Savepoint.Spec.Deadline.Duration; d > 0 {
		return d
	}
	return byDefault
}
