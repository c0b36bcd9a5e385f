package kafka

// topicOut is a topic that is written to. Of the goroutine that emits.
type topicOut struct {
	name    string
	tracked bool
	boxes   []*outbox // by partition; nil where nothing was written yet
	// sticky is where records without a key go until its batch is closed, and last the one before.
	sticky *outbox
	last   int32
}
