package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// TestACommitIsDueByBytesToo feeds a worker, whose commit interval would never end, more than a transaction may hold.
func TestACommitIsDueByBytesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows, rowBytes = 6000, 8 << 10
		var network kfake.VirtualNetwork
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(partitions, inputTopic, copyTopic, countsTopic))
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		options := clientOptions(cluster.ListenAddrs())
		options.Dial = network.DialContext
		ctx, stop := context.WithCancel(t.Context())
		feed(ctx, t, []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(network.DialContext), kgo.DisableClientMetrics()}, rows, rowBytes)
		w, err := worker.New(worker.Config{
			Plan: job(), Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Kafka: options, Backend: memory.New(),
			CommitInterval: 24 * time.Hour, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		var running sync.WaitGroup
		running.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		// Without a bound of bytes there are three: the first one, which is due at once, and those of a worker that has caught up.
		const want = 6
		for end := time.Now().Add(5 * time.Second); w.Snapshot().Commits < want; sleep(ctx, 50*time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%d commits, %+v", w.Snapshot().Commits, w.Snapshot().Rows)
				break
			}
		}
		stop()
		running.Wait()
	})
}

// feed writes rows with long keys, uncompressed: a poll brings a few MiB of them.
func feed(ctx context.Context, t *testing.T, opts []kgo.Opt, rows, keyBytes int) {
	t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.DefaultProduceTopic(inputTopic), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for id := range int64(rows) {
		value, err := json.Marshal(row{string(bytes.Repeat([]byte{'k'}, keyBytes)), id, eventBegin})
		if err != nil {
			t.Fatal(err)
		}
		client.Produce(ctx, &kgo.Record{Value: value}, nil)
	}
	if err := client.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}
