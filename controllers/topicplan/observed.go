package topicplan

// Observed is a topic as Kafka shows it.
type Observed struct {
	// ID is Kafka's id of the topic, which a topic made anew under the same name does not share.
	ID string
	// Partitions and Replicas are its present numbers.
	Partitions, Replicas int32
	// Config holds the values in force, set or inherited, by Kafka's names.
	Config map[string]string
}
