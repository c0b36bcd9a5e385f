package connector

// Record is one record of a topic as it was read. It is borrowed: Key and Value are valid until the call that was given
// the record returns.
type Record struct {
	// Topic, Partition and Offset are the record's place.
	Topic     string
	Partition int32
	Offset    int64
	// Key and Value are the record's bytes; nil where the record has none.
	Key, Value []byte
	// TimestampMicros is the record's own timestamp, in microseconds since the epoch.
	TimestampMicros int64
}
