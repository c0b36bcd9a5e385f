//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/e2e/rows"
)

const (
	inputPartitions = 4
	// beat and perBeat make a hundred readings a second a partition, unless a scenario sets another pace: ten seconds of event time, a window a second.
	beat    = 50 * time.Millisecond
	perBeat = 5
	// poison is the sensor that a query which is to fail can't process.
	poison = "poison"
)

// feeder writes readings into a job's input. It goes on through everything that a scenario does to the job.
type feeder struct {
	brokers, topic string
	// pace is the number of readings a beat and partition.
	pace atomic.Int32

	cancel     context.CancelFunc
	done       sync.WaitGroup
	mu         sync.Mutex
	client     *kgo.Client
	generators []*rows.Generator
	failed     error
	poison     atomic.Bool // the next beat has a reading of the sensor of that name
}

func newFeeder(brokers, topic string) (*feeder, error) {
	f := &feeder{brokers: brokers, topic: topic}
	f.pace.Store(perBeat)
	if err := f.connect(); err != nil {
		return nil, err
	}
	for p := range int32(inputPartitions) {
		f.generators = append(f.generators, rows.NewGenerator(p))
	}
	return f, nil
}

func (f *feeder) connect() error {
	client, err := kgo.NewClient(kgo.SeedBrokers(f.brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.UnknownTopicRetries(20))
	f.client = client
	return err
}

// grow feeds one partition more, beginning at the time where the others are. A client of its own knows of it at once.
func (f *feeder) grow(ctx context.Context) error {
	f.mu.Lock()
	old := f.client
	err := f.connect()
	f.generators = append(f.generators, f.generators[0].Beside(int32(len(f.generators))))
	f.mu.Unlock()
	if err == nil {
		err = old.Flush(ctx)
	}
	old.Close()
	return err
}

// now returns what is fed, and by whom.
func (f *feeder) now() (*kgo.Client, []*rows.Generator) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.client, f.generators
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
			client, generators := f.now()
			if f.poison.CompareAndSwap(true, false) {
				f.send(client, 0, generators[0].At(poison))
			}
			for p, g := range generators {
				for range f.pace.Load() {
					f.send(client, p, g.Next())
				}
			}
		}
	})
}

func (f *feeder) send(client *kgo.Client, partition int, r rows.Reading) {
	record := &kgo.Record{Topic: f.topic, Partition: int32(partition), Value: r.Encode()}
	client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.failed = errors.Join(f.failed, err)
	})
}

// one feeds a single reading, and waits until the broker has it.
func (f *feeder) one(ctx context.Context) error {
	f.send(f.client, 0, f.generators[0].Next())
	return f.client.Flush(ctx)
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
		f.send(f.client, p, g.Close())
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
