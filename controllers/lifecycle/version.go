package lifecycle

import (
	"slices"

	"github.com/millrace/millrace/api/v1alpha1"
)

// versionBegins records the version that the spec asks for, and says that it is what runs from here on. Recording comes before all else of the
// pass that shows the version to workers.
func versionBegins(o *Observed, d *Decision, runtime *v1alpha1.RuntimeStatus) {
	if o.Version == "" {
		return
	}
	runtime.Revision, d.Status.UpdateRevision = o.Version, o.Version
	d.Actions = append(d.Actions, Action{Kind: RecordVersion, Version: o.Version, PlanHash: runtime.PlanHash})
}

// versionGoesOn is about a version that needs no new epoch: other pods under the same plan, another text of the same query, or a spec that asks
// for what runs again after another version came to nothing.
func versionGoesOn(o *Observed, d *Decision, obstacle Obstacle) {
	s := &d.Status
	followed := !obstacle.Is() && o.Plan != nil && o.Plan.Hash == s.Runtime.PlanHash && !rests(o)
	if !followed || o.Template.Is() || o.Connection.Reason == v1alpha1.ReasonConnectionMissing {
		return
	}
	if o.Version != s.Runtime.Revision || o.Version != s.UpdateRevision {
		versionBegins(o, d, s.Runtime)
		d.RequeueAfter = soon
	}
}

// versionRuns says which version has all its workers. One that was begun in this pass has none yet: the pods that were observed are of before.
func versionRuns(o *Observed, s *v1alpha1.StreamJobStatus) {
	settled := slices.ContainsFunc(o.Workloads, func(w Workload) bool { return w.Epoch == s.Epoch && w.Settled })
	if s.Phase == v1alpha1.PhaseRunning && settled && s.Runtime.Revision == o.Job.Status.Runtime.Revision {
		s.CurrentRevision = s.Runtime.Revision
	}
}

// versionEnds notes what became of a version that is left for another before it has done anything: the failure where there is one, or else
// the reason.
func versionEnds(d *Decision, left, other *v1alpha1.RuntimeStatus, reason string) {
	if left.Revision == "" || left.Revision == other.Revision {
		return
	}
	outcome := reason + ": the spec asked for something else before it had done anything"
	switch failure, held := d.Status.LastFailure, d.Status.Held; {
	case failure != nil:
		outcome = failure.Reason + ": " + failure.Message
	case held != nil && left == d.Status.Runtime:
		outcome = reason + ": " + held.Message
	}
	d.Actions = append(d.Actions, Action{Kind: EndVersion, Version: left.Revision, Outcome: outcome})
}
