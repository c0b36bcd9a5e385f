package sim

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// starts runs a worker against a broker whose output topic appears so long after the worker's start, and returns what
// Run has said within the time.
func starts(t *testing.T, appears time.Duration) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var network kfake.VirtualNetwork
		cluster, e := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(partitions, inputTopic, copyTopic))
		if e != nil {
			t.Fatal(e)
		}
		defer cluster.Close()
		options := clientOptions(cluster.ListenAddrs())
		options.Dial = network.DialContext
		w, e := worker.New(worker.Config{
			Plan: job(), Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Kafka: options, Backend: memory.New(),
			Logger: slog.New(slog.DiscardHandler),
		})
		if e != nil {
			t.Fatal(e)
		}
		const longEnough = 5 * time.Second
		ctx, stop := context.WithTimeout(t.Context(), longEnough)
		defer stop()
		var making sync.WaitGroup
		making.Go(func() {
			sleep(ctx, appears)
			admin, e := kafka.NewAdmin(options)
			if e != nil {
				t.Error(e)
				return
			}
			defer admin.Close()
			if e := admin.CreateInternal(t.Context(), []kafka.InternalTopic{{Name: countsTopic, Partitions: partitions}}, kafka.Durability{}); e != nil {
				t.Error(e)
			}
		})
		err = w.Run(ctx)
		making.Wait()
	})
	return err
}

func TestAWorkerWaitsAMomentForATopicThatIsJustMade(t *testing.T) {
	if err := starts(t, 500*time.Millisecond); err != nil {
		t.Error(err)
	}
	if err := starts(t, 3*time.Second); fault.KindOf(err) != fault.User {
		t.Errorf("%v for a topic that is not there", err)
	}
}

// TestTheOthersMayBeThereBeforeWorkerZero starts worker 1 of a new job first. Worker 0 makes the internal topics; that they
// are not there yet is no mistake of the user's.
func TestTheOthersMayBeThereBeforeWorkerZero(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		want  fault.Kind
	}{"soon after": {3 * time.Second, fault.Unknown}, "never": {time.Hour, fault.User}} {
		t.Run(name, func(t *testing.T) {
			onStage(t, func(ctx context.Context, t *testing.T, s stage) {
				t.Helper()
				ctx, stop := context.WithTimeout(ctx, 20*time.Second)
				defer stop()
				var other sync.WaitGroup
				other.Go(func() {
					sleep(ctx, c.after)
					if ctx.Err() != nil {
						return
					}
					if err := s.worker(t, job()).Run(ctx); err != nil {
						t.Errorf("worker 0: %v", err)
					}
				})
				err := s.numbered(t, 1, job()).Run(ctx)
				if (err != nil || c.want != fault.Unknown) && fault.KindOf(err) != c.want {
					t.Errorf("worker 1: %v", err)
				}
				stop()
				other.Wait()
			})
		})
	}
}
