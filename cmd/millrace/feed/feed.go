package feed

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

// Feed writes one file into one topic. Make it with New and call Run once; Rows and Fraction may be called from other
// goroutines meanwhile.
type Feed struct {
	topic      string
	partitions int32
	source     *Source
	client     *kgo.Client
	rows       atomic.Int64
	places     places

	failure  error // first failed record
	failOnce sync.Once
	failed   atomic.Bool
}

// New returns a feed of source into the topic's partitions. The client must partition manually
// (kgo.ManualPartitioner); it is not closed here.
func New(client *kgo.Client, topic string, partitions int32, source *Source) *Feed {
	return &Feed{topic: topic, partitions: partitions, source: source, client: client}
}

// Rows returns the number of rows handed to the broker so far.
func (f *Feed) Rows() int64 { return f.rows.Load() }

// Topic returns the topic that is written.
func (f *Feed) Topic() string { return f.topic }

// Fraction returns how much of the file was read, from 0 to 1; 0 when its size is not known.
func (f *Feed) Fraction() float64 { return f.source.Fraction() }

// Run reads the file to its end and returns when every row is acknowledged. Empty lines are left out.
func (f *Feed) Run(ctx context.Context) error {
	if f.source.patient != nil {
		f.source.patient.until(ctx)
	}
	for !f.failed.Load() {
		value, number, err := f.source.rows.next()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		f.places.at(f.rows.Load(), number)
		f.produce(ctx, value)
	}
	if err := f.client.Flush(ctx); err != nil {
		return err
	}
	return f.failure
}

// produce hands a row to the client; row n goes to partition n modulo the number of partitions.
func (f *Feed) produce(ctx context.Context, value []byte) {
	n := f.rows.Add(1) - 1
	record := &kgo.Record{Topic: f.topic, Partition: int32(n % int64(f.partitions)), Value: bytes.Clone(value)} //nolint:gosec // a remainder of an int32
	f.client.Produce(ctx, record, func(_ *kgo.Record, err error) {
		if err != nil {
			f.failOnce.Do(func() {
				f.failure = fault.Wrap(fault.Transient, err, "write to topic %s", f.topic)
				f.failed.Store(true)
			})
		}
	})
}

// PlaceOf returns the place in the file of a record of this feed's topic, where the feed was the first to write to it.
func (f *Feed) PlaceOf(partition int32, offset int64) fault.Place {
	return f.source.rows.place(f.places.line(offset*int64(f.partitions) + int64(partition)))
}
