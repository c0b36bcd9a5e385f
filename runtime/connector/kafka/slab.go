package kafka

import (
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	slabRecords = 512
	sparesMax   = 256 // about 20 MiB of slabs are kept for later transactions
)

// slab holds records on their way out, so that sending allocates nothing per record. It is free again when each of its
// records was answered and no more are added.
type slab struct {
	records []kgo.Record
	open    atomic.Int32 // unanswered records, and one more while records are added
	promise func(*kgo.Record, error)
}

func (s *slab) full() bool { return len(s.records) == slabRecords }

func (s *slab) add(now time.Time, topic string, partition int32, key, value []byte) *kgo.Record {
	s.records = append(s.records, kgo.Record{Topic: topic, Partition: partition, Key: key, Value: value, Timestamp: now})
	s.open.Add(1)
	return &s.records[len(s.records)-1]
}

// reset empties a slab whose records are all answered.
func (s *slab) reset() {
	clear(s.records)
	s.records = s.records[:0]
	s.open.Store(1)
}
