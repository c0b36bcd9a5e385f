package admission

import (
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/compat"
	"github.com/millrace/millrace/runtime/physical"
)

// Comparison is how a plan stands to the one that runs, as far as state goes. Make it with Compare.
type Comparison struct {
	same     bool
	verdicts []compat.Verdict
	err      error // they can't be compared
}

// Compare compares a plan with the one that runs, before anything is stopped for it.
func Compare(running, plan *physical.Plan) Comparison {
	if plan.StateHash == running.StateHash {
		return Comparison{same: true}
	}
	verdicts, err := compat.Compare(running, plan)
	return Comparison{verdicts: verdicts, err: err}
}

// Misfit says why a savepoint can't carry the state over; empty where it can, or need not. DropRemoved lets state go that nothing takes.
func (c Comparison) Misfit(dropRemoved bool) string {
	if c.same {
		return ""
	}
	err := c.err
	if err == nil {
		err = compat.Refuse(c.verdicts, dropRemoved)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// changes says in words what a savepoint makes of the state where it can carry it over.
func (c Comparison) changes() string {
	var gone, list []string
	for _, v := range c.verdicts {
		switch v.Outcome {
		case compat.Removed:
			gone = append(gone, "nothing takes the state of "+v.From)
		case compat.Added:
			list = append(list, v.Operator+" begins empty")
		case compat.Compatible:
			list = append(list, "of "+v.Operator+" "+strings.Join(v.Changes, ", "))
		case compat.Same, compat.Incompatible:
		}
	}
	switch {
	case len(gone) > 0: // what is given up goes first, and alone
		list = gone
	case len(list) == 0:
		list = []string{"its state is the same, the topics that it reads or its exchanges are not"}
	}
	return strings.Join(list, ", and ")
}

// upgrade is what the operator makes of a plan with other state than the one that runs: an obstacle that no waiting removes, or what to warn of.
// Both are empty where the state is the same.
func upgrade(job *v1alpha1.StreamJob, running, plan *physical.Plan) (refused lifecycle.Obstacle, warning string) {
	c, how := Compare(running, plan), job.Spec.Upgrade
	format := int32(plan.Format) //nolint:gosec // a small constant
	if s := job.Status.Suspended; c.same && s != nil && s.Savepoint != "" && !plan.HasControl() {
		return lifecycle.BeginsFromNone(format), ""
	}
	if c.same {
		return refused, ""
	}
	if how.Mode == v1alpha1.UpgradeStateless {
		return refused, "the new query keeps other state or exchanges than the running one, whose state is given up: spec.upgrade.mode is Stateless"
	}
	if misfit := c.Misfit(how.OnIncompatible == v1alpha1.IncompatibleDropRemoved); misfit != "" {
		return lifecycle.StateChanged(misfit), ""
	}
	if !plan.HasControl() {
		return lifecycle.CarriesNone(format), ""
	}
	if job.Spec.Savepoints == nil {
		return refused, lifecycle.SavepointsMissing().Message + " (" + c.changes() + ")"
	}
	return refused, "the job stops at a savepoint and goes on from it: " + c.changes()
}
