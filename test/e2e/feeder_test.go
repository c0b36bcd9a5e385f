//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/e2e/rows"
)

const (
	inputPartitions = 4
	// beat and perBeat make a hundred readings a second a partition: ten seconds of event time, a window a second.
	beat    = 50 * time.Millisecond
	perBeat = 5
)

// feeder writes readings into a job's input. It goes on through everything that a scenario does to the job.
type feeder struct {
	client     *kgo.Client
	topic      string
	generators []*rows.Generator

	cancel context.CancelFunc
	done   sync.WaitGroup
	mu     sync.Mutex
	failed error
}

func newFeeder(brokers, topic string) (*feeder, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.UnknownTopicRetries(20))
	if err != nil {
		return nil, err
	}
	f := &feeder{client: client, topic: topic}
	for p := range int32(inputPartitions) {
		f.generators = append(f.generators, rows.NewGenerator(p))
	}
	return f, nil
}

// start feeds until stop.
func (f *feeder) start() {
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	f.done.Go(func() {
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			for p, g := range f.generators {
				for range perBeat {
					f.send(p, g.Next())
				}
			}
		}
	})
}

func (f *feeder) send(partition int, r rows.Reading) {
	record := &kgo.Record{Topic: f.topic, Partition: int32(partition), Value: r.Encode()}
	f.client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.failed = errors.Join(f.failed, err)
	})
}

// stop ends feeding with a reading in each partition that ends all windows before it, and waits until all is on the
// broker. Feeding can start again.
func (f *feeder) stop(ctx context.Context) error {
	if f.cancel == nil {
		return nil
	}
	f.cancel()
	f.done.Wait()
	f.cancel = nil
	for p, g := range f.generators {
		f.send(p, g.Close())
	}
	if err := f.client.Flush(ctx); err != nil {
		return fmt.Errorf("feed %s: %w", f.topic, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (f *feeder) close() {
	if f.cancel != nil {
		f.cancel()
		f.done.Wait()
	}
	f.client.Close()
}
