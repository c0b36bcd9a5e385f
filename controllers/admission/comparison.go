package admission

import (
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/compat"
	"github.com/millrace/millrace/runtime/physical"
)

// Comparison is how a plan stands to the one that runs.
type Comparison struct {
	// Outcome is Same where the plan can follow as it is, Compatible where it can take over all state that it needs, Incompatible where it
	// can't; empty where that is not known.
	Outcome compat.Outcome
	// Why says what is other, in words; empty for Same.
	Why string
}

// Compare compares a plan with the one that runs, before anything is stopped for it.
func Compare(running, plan *physical.Plan) Comparison {
	if plan.StateHash == running.StateHash {
		return Comparison{Outcome: compat.Same}
	}
	verdicts, err := compat.Compare(running, plan)
	if err != nil {
		return Comparison{}
	}
	var reasons, changes []string
	for _, v := range verdicts {
		switch v.Outcome {
		case compat.Incompatible:
			reasons = append(reasons, "the state of "+v.From+" is of no use for "+v.Operator+": "+v.Why)
		case compat.Removed:
			reasons = append(reasons, "nothing takes the state of "+v.From)
		case compat.Added:
			changes = append(changes, v.Operator+" begins empty")
		case compat.Compatible:
			changes = append(changes, "of "+v.Operator+" "+strings.Join(v.Changes, ", "))
		case compat.Same:
		}
	}
	if len(reasons) > 0 {
		return Comparison{Outcome: compat.Incompatible, Why: strings.Join(reasons, ", and ")}
	}
	if len(changes) == 0 {
		changes = append(changes, "its state is the same, the topics that it reads or its exchanges are not")
	}
	return Comparison{Outcome: compat.Compatible, Why: strings.Join(changes, ", and ")}
}

// Misfit says why a plan can't take over the state of the one that runs by a savepoint; empty where it can. DropRemoved lets state go that nothing
// takes.
func Misfit(running, plan *physical.Plan, dropRemoved bool) string {
	if plan.StateHash == running.StateHash {
		return ""
	}
	verdicts, err := compat.Compare(running, plan)
	if err == nil {
		err = compat.Refuse(verdicts, dropRemoved)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// upgrade is what the operator makes of a plan with other state than the one that runs: an obstacle that no waiting removes, or what to warn of.
// Both are empty where the state is the same.
func upgrade(job *v1alpha1.StreamJob, running, plan *physical.Plan) (refused lifecycle.Obstacle, warning string) {
	c, how := Compare(running, plan), job.Spec.Upgrade
	if c.Outcome == compat.Same {
		return refused, ""
	}
	if how.Mode == v1alpha1.UpgradeStateless {
		return refused, "the new query keeps other state or exchanges than the running one, whose state is given up: spec.upgrade.mode is Stateless"
	}
	if misfit := Misfit(running, plan, how.OnIncompatible == v1alpha1.IncompatibleDropRemoved); misfit != "" {
		return lifecycle.StateChanged(misfit), ""
	}
	if job.Spec.Savepoints == nil {
		return refused, lifecycle.SavepointsMissing().Message + " (" + c.Why + ")"
	}
	return refused, "the job stops at a savepoint and goes on from it: " + c.Why
}
