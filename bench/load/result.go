package load

// Result is what the topics hold.
type Result struct {
	// Loaded is false when all was there already.
	Loaded bool
	// Digest is nexmark.Digest over the events, those that close windows not among them.
	Digest string
	// Records is the number of each topic's records.
	Records map[string]int64
}
