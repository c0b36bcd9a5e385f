package lifecycle

import (
	"fmt"

	"github.com/millrace/millrace/api/v1alpha1"
)

const stateless = "or spec.upgrade.mode to Stateless, which gives the state up"

// StateChanged is the obstacle of a query that can't take over the state of the one that runs, for the reasons in misfit: the condition of a job
// says it, and so does whoever is asked before the change is stored.
func StateChanged(misfit string) Obstacle {
	return Obstacle{Reason: v1alpha1.ReasonStateChanged, Message: "no savepoint carries the state over: " + misfit + "; spec.upgrade says what may be given up"}
}

// BeginsFromNone is the obstacle of a plan that is to begin from a savepoint, and is of a format that knows none.
func BeginsFromNone(format int32) Obstacle {
	return Obstacle{Reason: v1alpha1.ReasonSavepointUnfit, Message: fmt.Sprintf("its plan is of format %d, as spec.runtimeVersion names another version than the operator's, and begins from no savepoint: "+
		"set spec.runtimeVersion back", format)}
}

// CarriesNone is that of one with other state than what runs.
func CarriesNone(format int32) Obstacle {
	return Obstacle{Reason: v1alpha1.ReasonStateChanged, Message: "the new query keeps other state or exchanges than the running one, and no savepoint carries the state over: " + BeginsFromNone(format).Message + ", " + stateless}
}

// SavepointsMissing is the obstacle of a query with other state whose job has no place for a savepoint.
func SavepointsMissing() Obstacle {
	return Obstacle{Reason: v1alpha1.ReasonSavepointsMissing, Message: "the new query keeps other state or exchanges than the running one, and there is no place for a savepoint: " +
		"set spec.savepoints.url, " + stateless}
}
