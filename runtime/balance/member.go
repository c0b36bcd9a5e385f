package balance

// Member is what a worker says of itself when it joins.
type Member struct {
	// Name tells members apart, and puts them in order: the same over restarts, so that a decision is.
	Name string
	// Topics are what it reads; it gets tasks of no others.
	Topics []string
	// Owned is what it claims to have, as of Generation: a member that missed rebalances may claim what others have.
	Owned      []Task
	Generation int32
	// Says is what it has to say of tasks, its own and others.
	Says map[Task]Word
	// Warms says that it warms up for tasks when it is told to.
	Warms bool
}

// Word is what a member says of a task. The zero value says nothing.
type Word struct {
	// Step is the load of a task of its own, or of one that was taken from it just now; see StepOf. 0 is not known.
	Step uint8
	// Heavy says of a task of its own that its state takes so long to read back that it should not move to who has none of it.
	Heavy bool
	// Position is where its copy of the state stands, of a task that it need not have; 0 is no copy. A later one is the better one.
	Position int64
	// Next says that it was told so in its last assignment; see Notice.
	Next bool
	// Warmth is how far it is with warming up.
	Warmth Warmth
}

// Warmth is how far a member is with warming up for a task.
type Warmth uint8

// The states of a warm-up. The zero value is none.
const (
	Cold    Warmth = iota
	Warming        // it is under way
	Warm           // the copy follows the task's commits
)

// Limits bound how many tasks are warmed up for at the same time, those not counted whose copy is warm. 0 is none.
type Limits struct {
	PerMember int
	Total     int
}
