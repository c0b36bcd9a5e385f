package measure

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Feed is input that comes at a fixed rate.
type Feed struct {
	Topic      string
	Partitions int
	// Rate is records a second; Record returns the n-th one, made now. They are dealt to the partitions in turn.
	Rate   int64
	Record func(n int64, now time.Time) []byte
}

// Pace produces at the rate, until ctx ends.
func (b *Broker) Pace(ctx context.Context, f Feed) error {
	const linger, buffered, pause = 2 * time.Millisecond, 50_000, time.Millisecond
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(f.Topic),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerLinger(linger), kgo.MaxBufferedRecords(buffered))
	if err != nil {
		return err
	}
	defer client.Close()
	failed := make(chan error, 1)
	promise := func(_ *kgo.Record, err error) {
		if err != nil && ctx.Err() == nil {
			select {
			case failed <- err:
			default: // the first one is enough
			}
		}
	}
	ticks := time.NewTicker(pause)
	defer ticks.Stop()
	start := time.Now()
	for n := int64(0); ; {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return fmt.Errorf("produce to %s: %w", f.Topic, err)
		case now := <-ticks.C:
			for due := now.Sub(start).Milliseconds() * f.Rate / time.Second.Milliseconds(); n < due; n++ {
				partition := int32(n % int64(f.Partitions)) //nolint:gosec // a few
				client.Produce(ctx, &kgo.Record{Partition: partition, Value: f.Record(n, now)}, promise)
			}
		}
	}
}
