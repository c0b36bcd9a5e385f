package tasktest

// TaskID is a task with its topics.
type TaskID struct {
	Stage     string
	Topic     string
	Partition int32
	// Changelog is empty for a task without state.
	Changelog string
}
