package kafka

import (
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	slabRecords = 512
	slabBytes   = 512 << 10 // a slab with more takes no further record
	sparesMax   = 128       // 11 MiB of slabs at most are kept for later
)

// slab holds records on their way out, so that sending allocates nothing per record. It is free again when each of its
// records was answered and no more are added.
type slab struct {
	records []kgo.Record
	bytes   int64        // of their keys and values
	done    bool         // open is 0; the producer's lock guards it
	open    atomic.Int32 // unanswered records, and one more while records are added
	promise func(*kgo.Record, error)
}

func (s *slab) full() bool { return len(s.records) == slabRecords || s.bytes >= slabBytes }

func (s *slab) add(now time.Time, topic string, partition int32, key, value []byte) *kgo.Record {
	s.records = append(s.records, kgo.Record{Topic: topic, Partition: partition, Key: key, Value: value, Timestamp: now})
	s.bytes += int64(len(key) + len(value))
	s.open.Add(1)
	return &s.records[len(s.records)-1]
}

// reset empties a slab whose records are all answered.
func (s *slab) reset() {
	clear(s.records)
	s.records, s.bytes, s.done = s.records[:0], 0, false
	s.open.Store(1)
}
