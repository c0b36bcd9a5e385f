package topicplan

// ActionKind is a kind of change to a topic.
type ActionKind uint8

// The kinds.
const (
	// Create makes the topic with Partitions, Replicas and Set.
	Create ActionKind = iota
	// Grow raises the number of partitions to Partitions.
	Grow
	// Alter sets the keys of Set and takes back those of Unset.
	Alter
	// Delete deletes the topic with its data.
	Delete
)

// Action is one change to a topic.
type Action struct {
	Kind ActionKind
	// Partitions is the number wanted, for Create and Grow.
	Partitions int32
	// Replicas is the replication factor for Create; -1 is the brokers' default.
	Replicas int32
	// Set are configuration values, for Create and Alter.
	Set map[string]string
	// Unset are configuration keys that go back to the default, for Alter, in order.
	Unset []string
}
