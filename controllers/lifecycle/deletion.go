package lifecycle

import (
	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// deletion takes a job apart: it stops at a last savepoint where it is to, its workers stop, its epoch is fenced, what it has on Kafka goes by policy, and only then
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
	if lastSavepoint(o, d) {
		tidy(o, d)
		return
	}
	stop := Action{Kind: StopOthers}
	if others(o, 0) && o.Now.Sub(o.Job.DeletionTimestamp.Time) < StopGrace {
		d.Actions = stopAll(s, stop)
		d.RequeueAfter = PollInterval
		return
	}
	d.Actions = stopAll(s, stop)
	if atTrial(o, s) && o.Now.Sub(o.Job.DeletionTimestamp.Time) < StopGrace {
		d.RequeueAfter = TrialPollInterval
		return
	}
	last := s.Epoch
	if s.Attempt != nil {
		last = s.Attempt.Epoch
	}
	if gone := s.CompletedAt != nil && o.Connection.Is(); last > 0 && !gone && !unreachable(o) { // a complete job has nothing there, but where it is to be retained
		if o.Connection.Is() {
			verdict.Verdict{State: verdict.Reconciling, Reason: o.Connection.Reason, Message: "what the job has on Kafka can't be cleaned up: " + o.Connection.Message}.
				Apply(&s.Conditions, o.Job.Generation, o.Now)
			d.RequeueAfter = PollInterval
			return
		}
		if o.Job.Spec.Deletion.InternalTopics == v1alpha1.DeletionRetain {
			d.Actions = append(d.Actions, Action{Kind: Fence, Epoch: last + 1, MaxOrdinal: s.MaxOrdinal, IfPossible: late(o)})
		} else {
			d.Actions = append(d.Actions, Action{Kind: CleanUp, Epoch: last, MaxOrdinal: s.MaxOrdinal, IfPossible: late(o)})
		}
	}
	d.Actions = append(d.Actions, endOfTrial(s, !unreachable(o))...)
	d.Actions = append(d.Actions, Action{Kind: RemoveFinalizer})
}

// atTrial says that the worker of a trial is still there, and in its group, which can't be deleted then.
func atTrial(o *Observed, s *v1alpha1.StreamJobStatus) bool {
	return s.Trial != nil && o.Trial != nil && o.Trial.Pods
}

// stopAll stops the workers, and that of a trial.
func stopAll(s *v1alpha1.StreamJobStatus, stop Action) []Action {
	if s.Trial == nil {
		return []Action{stop}
	}
	return []Action{stop, stopTrial(s.Trial)}
}

// unreachable says that what is on Kafka can't be reached any more, and that keeping the object would not change that: its
// connection is gone, or the connection's Secret is. In a namespace that is being deleted the Secret went first, and there nothing is waited for any longer
// than NamespaceGrace.
func unreachable(o *Observed) bool {
	switch o.Connection.Reason {
	case v1alpha1.ReasonConnectionMissing:
		return true
	case v1alpha1.ReasonSecretNotFound:
		return o.Now.Sub(o.Job.DeletionTimestamp.Time) >= SecretGrace
	default:
		return o.Connection.Is() && late(o)
	}
}

// late says that the namespace of the job is being deleted, and has waited for long enough.
func late(o *Observed) bool {
	return o.NamespaceGoes && o.Now.Sub(o.Job.DeletionTimestamp.Time) >= NamespaceGrace
}
