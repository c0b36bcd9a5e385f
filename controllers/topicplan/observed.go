package topicplan

// Observed is a topic as Kafka shows it.
type Observed struct {
	// ID is Kafka's id of the topic, which a topic made anew under the same name does not share.
	ID string
	// Partitions is its present number.
	Partitions int32
	// Replicas is the replication factor, the smallest of all partitions; MostReplicas is the largest, 0 for the same.
	Replicas, MostReplicas int32
	// Config holds the values in force, set or inherited, by Kafka's names; nil where it was not asked for.
	Config map[string]string
}

// World is all that a decision depends on besides the StreamTopic.
type World struct {
	// Observed is the topic; nil when Kafka has none of that name.
	Observed *Observed
	// Owner names the older StreamTopic that holds the same topic, or is empty.
	Owner string
	// Readers are the StreamJobs that read the topic, in order.
	Readers []string
}
