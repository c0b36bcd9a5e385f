package assign

// SessionConfig says how rows are made ready for sessions.
type SessionConfig struct {
	// Time is the position of the TIMESTAMP column.
	Time int
	// GapMicros is the longest time between rows of a session, above 0.
	GapMicros int64
}
