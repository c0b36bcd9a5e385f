package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// feeder writes rows at a steady rate, past the proxy, idempotently and in the order of each partition.
type feeder struct {
	broker string
	load   *workload
	taken  atomic.Int64 // by the broker
}

// feed writes for a while, and closes all windows. While the broker is away rows wait; they are written when it is back.
func (f *feeder) feed(ctx context.Context, length time.Duration) error {
	const linger, buffered, pause, rowBytes = 20 * time.Millisecond, 200_000, 10 * time.Millisecond, 64
	client, err := kgo.NewClient(kgo.SeedBrokers(f.broker), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(inputTopic),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.ProducerLinger(linger), kgo.MaxBufferedRecords(buffered))
	if err != nil {
		return err
	}
	defer client.Close()
	failed := make(chan error, 1)
	promise := func(_ *kgo.Record, err error) {
		if err == nil {
			f.taken.Add(1)
			return
		}
		select {
		case failed <- err:
		default: // the first one is enough
		}
	}
	send := func(r row) {
		client.Produce(ctx, &kgo.Record{Partition: r.partition, Value: r.json(make([]byte, 0, rowBytes))}, promise)
	}
	ticks := time.NewTicker(pause)
	defer ticks.Stop()
	total := f.load.rate * length.Milliseconds() / 1000
	for start := time.Now(); f.load.rows < total; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-failed:
			return fmt.Errorf("feed: %w", err)
		case now := <-ticks.C:
			for due := min(total, now.Sub(start).Milliseconds()*f.load.rate/1000); f.load.rows < due; {
				send(f.load.next())
			}
		}
	}
	for range partitions {
		send(f.load.closing())
	}
	if err := client.Flush(ctx); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	select {
	case err := <-failed:
		return fmt.Errorf("feed: %w", err)
	default:
		return nil
	}
}
