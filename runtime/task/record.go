package task

// Record is a consumed record. The task borrows Key and Value until Process returns.
type Record struct {
	Topic     string
	Partition int32
	Offset    int64
	Key       []byte
	Value     []byte
	// TimestampMicros is the record's Kafka timestamp in microseconds.
	TimestampMicros int64
}
