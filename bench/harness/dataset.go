package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/runtime/nexmark"
)

// dataset is the bids of the Nexmark benchmark, dealt to the partitions in turn, and one more bid a partition an hour later
// in event time, so that every window closes.
type dataset struct {
	bids       int64
	partitions int
}

const closingMillis = 3_600_000

func (d dataset) records() int64 { return d.bids + int64(d.partitions) }

// lastMillis is the event time of the last bid before the closing ones.
func (d dataset) lastMillis() int64 {
	return nexmark.DefaultStartMillis + nexmark.Bid.Position(d.bids-1)*1000/nexmark.DefaultEventsPerSecond
}

// load makes the topic anew and fills it.
func (d dataset) load(ctx context.Context, broker *measure.Broker, compression string, progress io.Writer) error {
	generator, err := nexmark.New(nexmark.Config{})
	if err != nil {
		return err
	}
	if err := broker.Create(ctx, d.partitions, input); err != nil {
		return err
	}
	return fill(ctx, broker, bulk{topic: input, partitions: d.partitions, records: d.records(), compression: compression}, progress,
		func(n int64) []byte { return d.bid(generator, n) })
}

// bulk is input that is there before anybody reads it, dealt to the partitions in turn.
type bulk struct {
	topic       string
	partitions  int
	records     int64
	compression string
}

// fill writes the bulk; record returns its n-th record.
func fill(ctx context.Context, broker *measure.Broker, d bulk, progress io.Writer, record func(n int64) []byte) error {
	codec := kgo.NoCompression()
	if d.compression == "lz4" {
		codec = kgo.Lz4Compression()
	}
	const linger, batchBytes, buffered = 20 * time.Millisecond, 256 << 10, 50_000
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(d.topic),
		kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(batchBytes), kgo.ProducerLinger(linger), kgo.MaxBufferedRecords(buffered))
	if err != nil {
		return err
	}
	defer client.Close()
	const report = 2_000_000
	failed := make(chan error, 1)
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			select {
			case failed <- err:
			default: // the first one is enough
			}
		}
	}
	for n := range d.records {
		partition := int32(n % int64(d.partitions)) //nolint:gosec // a few
		client.Produce(ctx, &kgo.Record{Partition: partition, Value: record(n)}, promise)
		if n > 0 && n%report == 0 {
			_, _ = fmt.Fprintf(progress, "loaded %d of %d million records\n", n/1_000_000, d.records/1_000_000)
		}
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return fmt.Errorf("load %s: %w", d.topic, err)
	default:
		return nil
	}
}

// bid returns the n-th bid as JSON.
func (d dataset) bid(generator *nexmark.Generator, n int64) []byte {
	event := generator.Event(nexmark.Bid.Position(n))
	if n >= d.bids {
		event.Millis += closingMillis
	}
	return generator.AppendJSON(make([]byte, 0, averageBidBytes), event)
}

const averageBidBytes = 256
