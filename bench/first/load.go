package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/nexmark"
)

const partitions = 4

// load fills the topic bids with n bids, and one bid a partition an hour later, so that every window closes. Bid i is in
// partition i modulo 4.
func load(ctx context.Context, address string, n int64, progress io.Writer) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic("bids"),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.ProducerBatchMaxBytes(256<<10), kgo.ProducerLinger(10*time.Millisecond))
	if err != nil {
		return err
	}
	defer client.Close()
	for _, topic := range []string{"bids", "passed", "counts"} {
		if _, err := kadm.NewClient(client).CreateTopic(ctx, partitions, 1, nil, topic); err != nil {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
	}
	generator, err := nexmark.New(nexmark.Config{})
	if err != nil {
		return err
	}
	const hour = 3_600_000
	for i := range n + partitions {
		bid := generator.Event(nexmark.Bid.Position(i))
		if i >= n {
			bid.Millis += hour
		}
		client.Produce(ctx, &kgo.Record{Partition: int32(i % partitions), Value: generator.AppendJSON(nil, bid)}, nil)
		if i%1_000_000 == 0 && i > 0 {
			_, _ = fmt.Fprintf(progress, "loaded %d of %d bids\n", i, n)
		}
	}
	return client.Flush(ctx)
}
