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
