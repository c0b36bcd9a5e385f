package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// topicLog reads a topic from its start, committed records only, without a group.
type topicLog struct {
	client     *kgo.Client
	admin      *kadm.Client
	topic      string
	partitions int
	next       map[int32]int64
}

func open(ctx context.Context, brokers []string, topic string) (*topicLog, error) {
	// markers are kept: without them the position never reaches the end of a topic that is written in transactions
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		return nil, err
	}
	l := &topicLog{client: client, admin: kadm.NewClient(client), topic: topic, next: map[int32]int64{}}
	starts, err := l.admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("find the topic %s: %w", topic, err)
	}
	starts.Each(func(o kadm.ListedOffset) {
		l.partitions++
		l.next[o.Partition] = o.Offset
	})
	return l, nil
}

func (l *topicLog) close() { l.client.Close() }

// read shows every record up to where the topic's committed part ends now.
func (l *topicLog) read(ctx context.Context, visit func(*kgo.Record) error) error {
	ends, err := l.admin.ListCommittedOffsets(ctx, l.topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return fmt.Errorf("find the end of %s: %w", l.topic, err)
	}
	for l.behind(ends) {
		fetches := l.client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read %s: %w", l.topic, err)
		}
		for _, r := range fetches.Records() {
			l.next[r.Partition] = r.Offset + 1
			if r.Attrs.IsControl() {
				continue
			}
			if err := visit(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *topicLog) behind(ends kadm.ListedOffsets) bool {
	behind := false
	ends.Each(func(o kadm.ListedOffset) { behind = behind || l.next[o.Partition] < o.Offset })
	return behind
}
