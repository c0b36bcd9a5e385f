package lifecycle

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// beHeld closes the attempt that has stopped a job at its last commit. Its workers are fenced: the request for a savepoint that came to nothing can be
// taken back now without letting them go on.
func beHeld(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	if a.Savepoint != "" {
		d.Actions = append(d.Actions, Action{Kind: ResumeJob, ID: a.Savepoint, StateEpoch: s.StateEpoch})
	}
	if o.TryAgain { // it was tried
		d.Actions = append(d.Actions, Action{Kind: DropTryAgain})
	}
	s.Held = &v1alpha1.Held{Since: metav1.NewTime(o.Now), Generation: a.Generation, Message: a.Message}
	s.Attempt, s.LastFailure = nil, nil
	if s.Autoscaling != nil { // what it waits for is its user, and no record
		s.Autoscaling.Zero = nil
	}
	s.Parallelism.Desired = 0
	remain(o, s, "")
}

// remain says that the job is held, what may be done, and what keeps that from being done.
func remain(o *Observed, s *v1alpha1.StreamJobStatus, obstacle string) {
	message := fmt.Sprintf("%s. The job stands at the last commit of epoch %d, and nothing is lost. ", s.Held.Message, s.Epoch)
	if p := s.Probation; p != nil && p.Runtime != nil {
		message += fmt.Sprintf("Set spec.sql back, and the plan of epoch %d goes on from there; or ", p.Epoch)
	}
	message += fmt.Sprintf("give it a query that works; or let it try again as it is: kubectl millrace -n %s resume %s", o.Job.Namespace, o.Job.Name)
	if obstacle != "" {
		message = obstacle + ". " + message
	}
	s.Phase = v1alpha1.PhaseHeld
	verdict.Verdict{State: verdict.Stalled, Reason: v1alpha1.ReasonHeld, Message: message}.Apply(&s.Conditions, o.Job.Generation, o.Now)
}

// held looks after a job that was stopped at its last commit. What the user does about it counts once: a generation that was tried is in status.held.
func held(o *Observed, d *Decision) {
	s := &d.Status
	if others(o, 0) {
		d.Actions = append(d.Actions, Action{Kind: StopOthers, Keep: s.Epoch, Before: before(s)})
		d.Actions = append(d.Actions, release(o, s.Epoch+1)...) // all were fenced when it stopped
		d.RequeueAfter = PollInterval
	}
	topics(o, s)
	if o.Job.Generation == s.Held.Generation && !o.TryAgain {
		remain(o, s, "")
		return
	}
	if o.Query.Is() {
		verdict.Set(&s.Conditions, v1alpha1.ConditionPlanAccepted, false, o.Query.Reason, o.Query.Message, o.Job.Generation, o.Now)
	}
	if obstacle := unheard(o); obstacle.Is() {
		remain(o, s, obstacle.Message)
		d.RequeueAfter = PollInterval
		return
	}
	wayOut(o, d)
}

// unheard is what keeps from following the spec, whatever it asks for.
func unheard(o *Observed) Obstacle {
	for _, obstacle := range []Obstacle{o.Query, o.Connection, o.Template} {
		if obstacle.Is() {
			return obstacle
		}
	}
	switch {
	case rests(o):
		return Obstacle{Reason: v1alpha1.ReasonHeld, Message: "It has no workers to be suspended"}
	case o.Plan == nil:
		return Obstacle{Reason: v1alpha1.ReasonHeld, Message: "The query is not compiled yet"}
	default:
		return Obstacle{}
	}
}

// wayOut begins what the spec asks for.
func wayOut(o *Observed, d *Decision) {
	s := &d.Status
	switch p, policy := s.Probation, o.Job.Spec.Upgrade.Rollback; {
	case p != nil && p.Runtime != nil && o.Plan.Hash == p.Runtime.PlanHash:
		setBack(o, d)
	case o.Plan.Hash != s.Runtime.PlanHash:
		mended(o, d)
	case policy == v1alpha1.RollbackReplay && p != nil && p.Runtime != nil && o.PlanBefore && !o.TryAgain:
		replay(o, d, s.Held.Message)
	default:
		begin(o, d, next{kind: v1alpha1.AttemptResume})
	}
}

// setBack follows a spec that asks for the plan before.
func setBack(o *Observed, d *Decision) {
	s := &d.Status
	obstacle := uncarried(o, s)
	switch {
	case o.Job.Spec.Upgrade.Rollback == v1alpha1.RollbackReplay && o.PlanBefore:
		replay(o, d, "")
	case obstacle == "":
		carryBack(o, d, "")
	default:
		remain(o, s, "The plan before can't take over its state: "+obstacle+". spec.upgrade.rollback: Replay goes back to the savepoint of before the upgrade, and writes rows twice")
		d.RequeueAfter = PollInterval
	}
}

// mended follows a spec that asks for a query which neither ran nor runs.
func mended(o *Observed, d *Decision) {
	obstacle, n := follow(o, &d.Status)
	if n.kind == "" {
		remain(o, &d.Status, obstacle.Message)
		d.RequeueAfter = PollInterval
		return
	}
	begin(o, d, n)
}
