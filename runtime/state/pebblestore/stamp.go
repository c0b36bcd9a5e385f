package pebblestore

// Stamp says whose state a directory holds. A directory with another stamp is thrown away.
type Stamp struct {
	// Job is the prefix of the job's names on Kafka.
	Job string `json:"job"`
	// StateEpoch is the job's epoch at which its state began anew.
	StateEpoch int64 `json:"stateEpoch"`
	// StateHash identifies the layout of the plan's state.
	StateHash string `json:"stateHash"`
}
