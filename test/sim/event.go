package sim

import "time"

// Verb is what an event does, by the word for it in a script.
type Verb string

// The verbs.
const (
	Start Verb = "start" // a worker's place is taken
	Stop  Verb = "stop"  // it is given up in good order
	Cut   Verb = "cut"   // the brokers are out of reach of every worker
	Slow  Verb = "slow"  // each request of a worker takes longer
	Save  Verb = "save"  // a savepoint is asked for
	Drain Verb = "drain" // the job is told to end
	Move  Verb = "move"  // the job is stopped by a savepoint, and another one begins from it
)

// Event is something that happens at a time of its own, whatever the workers do.
type Event struct {
	// At counts from the start of the run.
	At   time.Duration
	Verb Verb
	// Worker is the ordinal that Start and Stop are about.
	Worker int
	// For is how long Cut and Slow last, and By how much longer each request takes.
	For, By time.Duration
	// Parallel is the maxParallelism of the job that begins with Move.
	Parallel int
}
