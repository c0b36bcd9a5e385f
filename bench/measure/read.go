package measure

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Read hands every committed record that a topic holds now to take, partition by partition in order. Key and value are valid
// until take returns.
func (b *Broker) Read(ctx context.Context, topic string, take func(key, value []byte) error, hooks ...kgo.Hook) error {
	ends, err := b.admin.ListCommittedOffsets(ctx, topic)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.WithHooks(hooks...))
	if err != nil {
		return err
	}
	defer client.Close()
	open := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			open[o.Partition] = o.Offset
		}
	})
	for len(open) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read %s: %w", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if end, ok := open[r.Partition]; ok && r.Offset >= end-1 {
				delete(open, r.Partition) // the last one ends it, be it a transaction's marker
			}
			if !r.Attrs.IsControl() && err == nil {
				err = take(r.Key, r.Value)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
