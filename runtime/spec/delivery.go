package spec

// Delivery says how often a row counts that is on its way when a worker fails.
type Delivery string

// The deliveries.
const (
	// ExactlyOnce counts it once: outputs, exchanges, state and offsets are one transaction. It is the default.
	ExactlyOnce Delivery = "ExactlyOnce"
	// AtLeastOnce writes outputs and state first and the offsets afterwards: it may count again.
	AtLeastOnce Delivery = "AtLeastOnce"
	// AtMostOnce commits the offsets first and writes the outputs afterwards: it may be lost.
	AtMostOnce Delivery = "AtMostOnce"
)
