package lifecycle

import (
	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// deletion takes a job apart: its workers stop, its epoch is fenced, what it has on Kafka goes by policy, and only then
// the object may go.
func deletion(o *Observed, d *Decision) {
	s := &d.Status
	if !o.Finalizer {
		return
	}
	s.Phase = v1alpha1.PhaseDeleting
	s.ObservedGeneration = o.Job.Generation
	count(o, s)
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonDeleting, Message: "workers are being stopped"}.
		Apply(&s.Conditions, o.Job.Generation, o.Now)
	stop := Action{Kind: StopOthers}
	if others(o, 0) && o.Now.Sub(o.Job.DeletionTimestamp.Time) < StopGrace {
		d.Actions = []Action{stop}
		d.RequeueAfter = PollInterval
		return
	}
	d.Actions = []Action{stop}
	last := s.Epoch
	if s.Attempt != nil {
		last = s.Attempt.Epoch
	}
	// With no connection any more, what is on Kafka can't be reached, and keeping the object would not change that.
	if last > 0 && o.Connection.Reason != v1alpha1.ReasonConnectionMissing {
		if o.Job.Spec.Deletion.InternalTopics == v1alpha1.DeletionRetain {
			d.Actions = append(d.Actions, Action{Kind: Fence, Epoch: last + 1, MaxOrdinal: s.MaxOrdinal})
		} else {
			d.Actions = append(d.Actions, Action{Kind: CleanUp, MaxOrdinal: s.MaxOrdinal})
		}
	}
	d.Actions = append(d.Actions, Action{Kind: RemoveFinalizer})
}
