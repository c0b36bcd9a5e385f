package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Broker is the Kafka that the engines work on.
type Broker struct {
	Address   string
	ProcessID int
	admin     *kadm.Client
}

// Connect returns a broker to measure on; Close ends the connection.
func Connect(address string, processID int) (*Broker, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(address))
	if err != nil {
		return nil, err
	}
	return &Broker{Address: address, ProcessID: processID, admin: kadm.NewClient(client)}, nil
}

// Close ends the connection; the broker goes on.
func (b *Broker) Close() { b.admin.Close() }

// Create makes a topic anew: one of the same name is deleted with all that it holds.
func (b *Broker) Create(ctx context.Context, partitions int, topic string) error {
	const patience, pause = 30 * time.Second, 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := b.admin.DeleteTopic(ctx, topic)
	if err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
		return fmt.Errorf("delete topic %s: %w", topic, err)
	}
	for {
		_, err := b.admin.CreateTopic(ctx, int32(partitions), 1, nil, topic) //nolint:gosec // a few
		if err == nil || !errors.Is(err, kerr.TopicAlreadyExists) {          // deleting is not done when it is answered
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("create topic %s: %w", topic, err)
		case <-time.After(pause):
		}
	}
}

// Clear deletes all topics but those to keep and Kafka's own.
func (b *Broker) Clear(ctx context.Context, keep ...string) error {
	topics, err := b.foreign(ctx, keep)
	if err != nil || len(topics) == 0 {
		return err
	}
	_, err = b.admin.DeleteTopics(ctx, topics...)
	return err
}

func (b *Broker) foreign(ctx context.Context, keep []string) ([]string, error) {
	all, err := b.admin.ListTopics(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all.Names(), func(t string) bool { return strings.HasPrefix(t, "__") || slices.Contains(keep, t) }), nil
}

// Bytes returns what the topics hold on the broker's disk, but for those to leave out and Kafka's own.
func (b *Broker) Bytes(ctx context.Context, without ...string) (int64, error) {
	topics, err := b.foreign(ctx, without)
	if err != nil {
		return 0, err
	}
	sizes, err := b.Sizes(ctx)
	total := int64(0)
	for _, t := range topics {
		total += sizes[t]
	}
	return total, err
}

// Sizes returns what each topic holds on the broker's disk.
func (b *Broker) Sizes(ctx context.Context) (map[string]int64, error) {
	dirs, err := b.admin.DescribeAllLogDirs(ctx, nil)
	if err != nil {
		return nil, err
	}
	sizes := map[string]int64{}
	dirs.Each(func(d kadm.DescribedLogDir) {
		d.Topics.Each(func(p kadm.DescribedLogDirPartition) { sizes[p.Topic] += p.Size })
	})
	return sizes, nil
}

// Records returns how many records a topic holds that nothing was deleted from and no transaction wrote to.
func (b *Broker) Records(ctx context.Context, topic string) (int64, error) {
	return b.committed(ctx, topic)
}

// committed returns the sum of a topic's read-committed ends.
func (b *Broker) committed(ctx context.Context, topic string) (int64, error) {
	offsets, err := b.admin.ListCommittedOffsets(ctx, topic)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	offsets.Each(func(o kadm.ListedOffset) { total += max(o.Offset, 0) })
	return total, nil
}

// consumed returns how much of the topic a group has committed, and whether that is all.
func (b *Broker) consumed(ctx context.Context, group, topic string, ends kadm.ListedOffsets) (total int64, all bool, err error) {
	offsets, err := b.admin.FetchOffsets(ctx, group)
	if err != nil {
		return 0, false, err
	}
	all = true
	ends.Each(func(end kadm.ListedOffset) {
		o, _ := offsets.Lookup(topic, end.Partition)
		total += max(o.At, 0)
		all = all && (o.At >= end.Offset || end.Offset == 0)
	})
	return total, all, nil
}
