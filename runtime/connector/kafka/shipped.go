package kafka

// Shipped counts bytes of records in closed batches: keys, values and what frames them, before they are compressed. It is a value.
type Shipped struct {
	// Rows are for readers: outputs and exchanges. Tracked are those of the topics that the producer was told to track.
	Rows, Tracked int64
}

// count adds the open batch of a partition, which is about to be closed.
func (s *Shipped) count(box *outbox) {
	n := int64(box.open.RecordBytes())
	if box.tracked {
		s.Tracked += n
		return
	}
	s.Rows += n
}
