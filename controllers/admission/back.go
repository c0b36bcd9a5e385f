package admission

import (
	"fmt"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/physical"
)

// back is what becomes of a query that is set back to the plan of before an upgrade, where the job has a way back to it: no such change is refused. It is empty
// where there is none, and the change is one like any other.
func back(job *v1alpha1.StreamJob, running, plan *physical.Plan) (warning string) {
	s := &job.Status
	p := s.Probation
	if p == nil || p.Runtime == nil || p.Runtime.PlanHash != plan.Hash || s.Attempt != nil || s.Runtime == nil || s.Held == nil && p.CommittedAt != nil {
		return ""
	}
	if s.Held == nil {
		return fmt.Sprintf("the job goes back to the plan of epoch %d and the savepoint %s, unless it has committed by then", p.Epoch, s.Runtime.RestoreFrom)
	}
	if job.Spec.Upgrade.Rollback == v1alpha1.RollbackReplay {
		return fmt.Sprintf("the job goes back to the plan of epoch %d and the savepoint %s: what was read since is read again, and rows are written twice, as spec.upgrade.rollback says",
			p.Epoch, s.Runtime.RestoreFrom)
	}
	c := Compare(running, plan)
	if misfit := c.Misfit(true); misfit != "" {
		return "the job stays held: the plan before can't take over its state: " + misfit
	}
	return "the job goes on from its last commit: " + c.changes()
}
