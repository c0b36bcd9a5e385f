package cluster

import (
	"cmp"

	"github.com/millrace/millrace/api/v1alpha1"
)

// showTrial says how far a trial is. Its pod's logs are there while it is under way.
func showTrial(o *StatusOptions, t table, trial *v1alpha1.TrialStatus) {
	if trial == nil {
		return
	}
	state := "waits for its savepoint"
	if trial.Deadline != nil {
		state = "until " + trial.Deadline.UTC().Format("15:04:05") + " at the latest"
	}
	if trial.Outcome != "" {
		state = string(trial.Outcome) + ", is being tidied up"
	}
	t.field("Trial", "%s of epoch %d, plan %s, for %s: %s", trial.ID, trial.Epoch, cmp.Or(trial.Runtime.PlanHash, none), since(o.Now, trial.StartedAt.Time), state)
}
