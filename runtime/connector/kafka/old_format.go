package kafka

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/fault"
)

// readOld reads a partition that begins with records of a format before Kafka 0.11, which brokers keep as they are. The
// library does it, with an object a record: there is none of them in a topic that is written today.
func (s *share) readOld(rp *kmsg.FetchResponseTopicPartition) error {
	opts := kgo.ProcessFetchPartitionOpts{
		KeepControlRecords: true, Offset: s.from, IsolationLevel: kgo.ReadCommitted(), Topic: s.cursor.Topic, Partition: s.cursor.Number,
	}
	fp, next := kgo.ProcessFetchPartition(opts, rp, kgo.DefaultDecompressor(), nil)
	s.old, s.oldNext = fp.Records, next
	if fp.Err == nil && next <= s.from {
		return errors.New("nothing in it can be read")
	}
	return fp.Err
}

// showOld shows a share of the old format.
func (r *reader) showOld(s *share, visit func(Fetched) error) error {
	for _, old := range s.old {
		if old.Attrs.IsControl() {
			continue
		}
		if len(r.records) == cap(r.records) {
			if err := r.show(s, r.records[len(r.records)-1].Offset+1, visit); err != nil {
				return err
			}
		}
		r.bytes += len(old.Key) + len(old.Value)
		r.records = append(r.records, connector.Record{
			Topic: s.cursor.Topic, Partition: s.cursor.Number, Offset: old.Offset, Key: old.Key, Value: old.Value,
			TimestampMicros: old.Timestamp.UnixMicro(),
		})
	}
	return r.show(s, s.oldNext, visit)
}

func corruptAt(cause error, p Partition, offset int64) error {
	return fault.Wrap(fault.Corrupt, cause, "read %s", p).At(fault.InRecord(p.Topic, p.Number, offset))
}
