package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// reader is a user of the output: it reads committed rows as they come, past the proxy.
type reader struct {
	broker string
	ledger *ledger

	mu      sync.Mutex
	begin   time.Time
	last    time.Time // when rows came; the begin before the first
	longest time.Duration
	when    time.Duration // the begin of the longest pause, from the begin
	over    bool          // pauses count no more
}

// read reads until ctx ends. It never goes back: what it is given twice is there twice.
func (r *reader) read(ctx context.Context) error {
	client, err := r.client()
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		for _, e := range fetches.Errors() {
			if errors.Is(e.Err, kerr.OffsetOutOfRange) || errors.As(e.Err, new(*kgo.ErrDataLoss)) {
				return fmt.Errorf("the broker has lost what was read of %s/%d: %w", e.Topic, e.Partition, e.Err)
			} // others are those of a broker that is down or has just started
		}
		if fetches.NumRecords() > 0 {
			r.came(time.Now())
		}
		fetches.EachRecord(func(record *kgo.Record) { r.ledger.add(record.Topic, record.Value) })
	}
}

func (r *reader) client() (*kgo.Client, error) {
	at := map[string]map[int32]kgo.Offset{copyTopic: {}, countsTopic: {}}
	for p := range int32(partitions) {
		at[copyTopic][p], at[countsTopic][p] = kgo.NewOffset().At(0), kgo.NewOffset().At(0)
	}
	return kgo.NewClient(kgo.SeedBrokers(r.broker), kgo.ConsumePartitions(at), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()))
}

// came notes that rows came.
func (r *reader) came(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if silent := now.Sub(r.last); silent > r.longest && !r.over {
		r.longest, r.when = silent, r.last.Sub(r.begin)
	}
	r.last = now
}

// silence returns for how long no row has come.
func (r *reader) silence() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.last)
}

// pauses returns the longest pause so far, and when it began.
func (r *reader) pauses() (longest, when time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.longest, r.when
}

// partition names one of the output's.
type partition struct {
	topic  string
	number int32
}

// again reads everything that is committed now from the beginning, as another user would, into a ledger of its own.
func (r *reader) again(ctx context.Context) (*ledger, error) {
	other := &reader{broker: r.broker, ledger: newLedger()}
	client, err := other.client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListCommittedOffsets(ctx, copyTopic, countsTopic)
	if err != nil {
		return nil, err
	}
	open := map[partition]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			open[partition{o.Topic, o.Partition}] = o.Offset
		}
	})
	const quiet = 5 * time.Second // the last record may be a marker, which is not shown
	for len(open) > 0 {
		poll, cancel := context.WithTimeout(ctx, quiet)
		fetches := client.PollFetches(poll)
		cancel()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if fetches.NumRecords() == 0 {
			return other.ledger, nil
		}
		fetches.EachRecord(func(record *kgo.Record) {
			other.ledger.add(record.Topic, record.Value)
			at := partition{record.Topic, record.Partition}
			if record.Offset+1 >= open[at] {
				delete(open, at)
			}
		})
	}
	return other.ledger, nil
}

// end says that pauses count no more: everything is there.
func (r *reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}
