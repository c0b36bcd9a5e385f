package savepointplan

import (
	"fmt"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/verdict"
)

// deletion lets the record go: at once where the data stays, and else behind the data.
func deletion(o *Observed, d *Decision) {
	s := &d.Status
	deletes := o.Savepoint.Spec.DeletionPolicy == v1alpha1.DeletionDelete && s.ID != ""
	switch {
	case !o.Finalizer:
	case s.Phase == v1alpha1.SavepointInProgress:
		cancel(o, d)
	case !deletes:
		d.Actions = []Action{{Kind: RemoveFinalizer}}
	case s.Phase == v1alpha1.SavepointDeleting:
		remove(o, d)
	case lifecycle.Needs(o.Job, o.Savepoint.Name, s.ID) && o.Job.DeletionTimestamp.IsZero():
		deleting(o, s, v1alpha1.ReasonInUse, fmt.Sprintf("StreamJob %s goes on from this savepoint: it is deleted once the job has, or set spec.deletionPolicy to Retain, which leaves the data", o.Job.Name))
		d.RequeueAfter = PollInterval
	default:
		s.Phase = v1alpha1.SavepointDeleting
		deleting(o, s, v1alpha1.ReasonDeleting, "its data is being deleted")
		d.RequeueAfter = soon
	}
}

// cancel tells the job that nobody wants the savepoint any more, as long as it can be told.
func cancel(o *Observed, d *Decision) {
	s := &d.Status
	late := s.Deadline == nil || !o.Now.Before(s.Deadline.Time)
	reachable := o.Job != nil && !o.Connection.Is()
	if !reachable && o.Job != nil && !late && !o.NamespaceGoes && o.Job.DeletionTimestamp.IsZero() {
		deleting(o, s, o.Connection.Reason, "the job can't be told that the savepoint is not wanted any more: "+o.Connection.Message)
		d.RequeueAfter = PollInterval
		return
	}
	if reachable && o.Job.Status.StateEpoch == s.StateEpoch {
		d.Actions = []Action{{Kind: Cancel, ID: s.ID, StateEpoch: s.StateEpoch}}
	}
	s.Phase = v1alpha1.SavepointDeleting
	deleting(o, s, v1alpha1.ReasonDeleting, "it was being made, and is not wanted any more")
	d.RequeueAfter = soon
}

// remove deletes the data. It is tried again for a while; then the record goes without, and an event says so.
func remove(o *Observed, d *Decision) {
	s, r := &d.Status, o.Removal
	left := func(why string) {
		d.Actions = []Action{{Kind: RemoveFinalizer}}
		d.Notice = Notice{v1alpha1.ReasonDataLeft, fmt.Sprintf("what there is of the savepoint at %s stays: %s", s.Location, why)}
	}
	d.RequeueAfter = PollInterval
	switch {
	case r != nil && r.Done:
		d.Actions = []Action{{Kind: RemoveFinalizer}}
		d.Notice = Notice{v1alpha1.ReasonDataDeleted, "the savepoint at " + s.Location + " was deleted"}
	case o.NamespaceGoes:
		left("its namespace is being deleted, and nothing can be started in it")
	case r == nil:
		d.Actions = []Action{{Kind: StartRemoval, ID: s.ID}}
		if s.Conditions == nil || verdict.Reason(s.Conditions, v1alpha1.ConditionReady) != v1alpha1.ReasonDeletionFailed {
			deleting(o, s, v1alpha1.ReasonDeleting, "its data is being deleted")
		}
	case r.Failed && o.Now.Sub(o.Savepoint.DeletionTimestamp.Time) >= removalPatience:
		left(r.Why)
	case r.Failed:
		deleting(o, s, v1alpha1.ReasonDeletionFailed, fmt.Sprintf("its data was not deleted, and it is tried again: %s. "+
			"Set spec.deletionPolicy to Retain to leave the data at %s", r.Why, s.Location))
		if o.Now.Sub(r.Since) >= removalPause {
			d.Actions = []Action{{Kind: ForgetRemoval}}
		}
	default:
		// it is at work; the watch on it brings the next pass
	}
}

func deleting(o *Observed, s *v1alpha1.StreamSavepointStatus, reason, message string) {
	verdict.Verdict{State: verdict.Reconciling, Reason: reason, Message: message}.Apply(&s.Conditions, o.Savepoint.Generation, o.Now)
}
