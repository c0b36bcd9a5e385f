package kafka

import (
	"errors"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
)

const (
	// shownRecords is how many records a visit is shown at most: as many as a task makes a batch of.
	shownRecords = 4096
	// Batches of a partition are unpacked one behind the other until there is so much, and then shown together. A buffer
	// that one batch made larger than the second bound is not kept.
	unpackedBytes     = 256 << 10
	unpackedKeptBytes = 4 << 20
)

// reader turns answers into records. One goroutine uses it.
type reader struct {
	records  []connector.Record
	unpacked []byte
	codecs   recordbatch.Decompressor
	shown    int // records, for Poll
	bytes    int // of records that were not shown yet, and of those left out between them
	used     int // of the memory of records, since the last reset
}

// read shows the records of a share, in pieces.
func (r *reader) read(s *share, visit func(Fetched) error) error {
	if cap(r.records) == 0 {
		r.records = make([]connector.Record, 0, shownRecords)
	}
	r.reset()
	if s.old != nil {
		return r.showOld(s, visit)
	}
	filter := recordbatch.NewFilter(s.aborted)
	next := s.from
	for data := s.batches; ; {
		b, rest, err := recordbatch.Next(data)
		if errors.Is(err, recordbatch.ErrIncomplete) {
			return r.show(s, next, visit)
		}
		if err == nil {
			err = b.Check()
		}
		if err != nil {
			return corruptAt(err, s.cursor.Partition, next)
		}
		if !filter.Hides(&b) && b.LastOffset >= next && b.Count > 0 { // compaction may leave a batch's header alone
			if err := r.batch(s, &b, next, visit); err != nil {
				return err
			}
		}
		next, data = max(next, b.LastOffset+1), rest
	}
}

// batch reads one batch. What is full is shown; the rest stays for the next batch.
func (r *reader) batch(s *share, b *recordbatch.Batch, next int64, visit func(Fetched) error) error {
	payload := b.Payload
	if codec := b.Codec(); codec != recordbatch.None {
		if len(r.unpacked) >= unpackedBytes {
			if err := r.show(s, next, visit); err != nil {
				return err
			}
		}
		was := len(r.unpacked)
		var err error
		if r.unpacked, err = r.codecs.Append(r.unpacked, codec, payload); err != nil {
			return corruptAt(err, s.cursor.Partition, b.BaseOffset)
		}
		payload = r.unpacked[was:]
	}
	it := b.Records(payload)
	for {
		var more bool
		var err error
		left := it.Bytes()
		r.records, more, err = it.Fill(r.records, s.cursor.Topic, s.cursor.Number, next)
		r.bytes += left - it.Bytes()
		switch {
		case err != nil:
			return corruptAt(err, s.cursor.Partition, b.BaseOffset)
		case !more:
			return nil
		}
		if err := r.pass(s, r.records[len(r.records)-1].Offset+1, visit); err != nil {
			return err
		}
	}
}

// show shows what there is, and makes room for more batches.
func (r *reader) show(s *share, next int64, visit func(Fetched) error) error {
	err := r.pass(s, next, visit)
	r.reset()
	return err
}

// pass shows what there is, and keeps what the rest of a batch lies in.
func (r *reader) pass(s *share, next int64, visit func(Fetched) error) error {
	r.shown += len(r.records)
	r.used = max(r.used, len(r.records))
	err := visit(Fetched{
		Partition: s.cursor.Partition, Records: r.records, Next: next, HighWatermark: s.highWatermark, LastStable: s.lastStable,
		At: s.at, Bytes: int64(r.bytes),
	})
	r.records, r.bytes = r.records[:0], 0
	return err
}

// reset forgets what was shown: the records' memory would hold on to the answers that they lie in.
func (r *reader) reset() {
	clear(r.records[:r.used])
	r.records, r.unpacked, r.used, r.bytes = r.records[:0], r.unpacked[:0], 0, 0
	if cap(r.unpacked) > unpackedKeptBytes {
		r.unpacked = nil
	}
}
