package kafka

// Outcome is what became of a transaction, or of offsets that are committed without one.
type Outcome uint8

// The outcomes. Only Landed comes without an error.
const (
	// NotEnded is a transaction whose end nobody asked for yet: it can only be aborted.
	NotEnded Outcome = iota
	// Landed is a transaction that is part of the log.
	Landed
	// Unknown is a transaction whose end was asked for and not answered: ask the group's offsets.
	Unknown
)
