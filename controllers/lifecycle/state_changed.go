package lifecycle

import "github.com/millrace/millrace/api/v1alpha1"

// StateChanged is the obstacle of a query that keeps other state than the running one: the condition of a job says it, and so does whoever
// is asked before the change is stored. Why says what differs; it may be empty.
func StateChanged(why string) Obstacle {
	if why != "" {
		why = " (" + why + ")"
	}
	return Obstacle{Reason: v1alpha1.ReasonStateChanged, Message: "the new query keeps other state or exchanges than the running one" + why +
		", and the operator does not carry state over by savepoints yet: take the change back, or delete the job and create it again, which reads its input anew"}
}
