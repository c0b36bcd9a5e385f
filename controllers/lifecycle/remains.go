package lifecycle

// Remains is what a job has on Kafka when it goes.
type Remains struct {
	// Prefix is the job's name on Kafka.
	Prefix string
	// MaxOrdinal is the highest ordinal that a worker ever had.
	MaxOrdinal int32
	// LastEpoch is the last epoch in the job's record: topics of later ones are not its own. 0 means that there is no record,
	// and that the user has agreed to all that the prefix names.
	LastEpoch int64
	// Keep are topics that StreamTopics hold, whatever they are named.
	Keep []string
}
