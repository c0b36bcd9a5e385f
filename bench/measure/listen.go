package measure

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Listen hands every record that is committed from now on to take, until ctx ends, with the time at which it came. The value is valid
// until take returns.
func (b *Broker) Listen(ctx context.Context, topics []string, take func(topic string, value []byte, now time.Time)) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.ConsumeTopics(topics...), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := fetches.Err(); err != nil {
			return err
		}
		now := time.Now()
		fetches.EachRecord(func(r *kgo.Record) { take(r.Topic, r.Value, now) })
	}
}
