package control

// Phase is what a worker is doing.
type Phase string

// The phases.
const (
	// Starting is before the worker has joined its group.
	Starting Phase = "Starting"
	// Waiting is a worker whose epoch has not been handed over yet, or that has no partition yet.
	Waiting Phase = "Waiting"
	// Restoring reads changelogs back.
	Restoring Phase = "Restoring"
	// Running processes records.
	Running Phase = "Running"
	// Recovering has lost its broker or its group, and is going back in.
	Recovering Phase = "Recovering"
	// Finished has read a bounded input to its end, or is of a job that was drained, and has committed the result.
	Finished Phase = "Finished"
	// Stopped has left.
	Stopped Phase = "Stopped"
)

// Ready says whether the worker has joined and restored what it was given.
func (p Phase) Ready() bool { return p == Running || p == Finished }
