package worker

// Moment is a point of a commit at which a test may let the process die.
type Moment string

const (
	// beforeOffsets is when all that goes before the offsets is written.
	beforeOffsets Moment = "before-offsets"
	// afterOffsets is when the offsets are committed, and nothing else was done.
	afterOffsets Moment = "after-offsets"
)
