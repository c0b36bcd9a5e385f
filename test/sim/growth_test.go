package sim

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// metadataAge is more than a client waits before it looks at its topics anew.
const metadataAge = 6 * time.Minute

// growing is a job whose input grows by one partition.
type growing struct {
	stage
	t      *testing.T
	client *kgo.Client
	rows   []row
	ended  chan error
	stop   context.CancelFunc
	// delivery is that of the workers that are started; empty is exactly once.
	delivery spec.Delivery
	// format is that of their plan; 0 is today's.
	format int
	// given leaves the making of internal topics to others.
	given bool
}

func grow(t *testing.T, s stage) *growing {
	t.Helper()
	client, err := kgo.NewClient(append(s.client, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	if err != nil {
		t.Fatal(err)
	}
	return &growing{stage: s, t: t, client: client}
}

// start runs a worker of an epoch.
func (g *growing) start(ctx context.Context, epoch int64, operated bool) {
	g.t.Helper()
	plan := job()
	plan.Format = cmp.Or(g.format, plan.Format)
	w, err := worker.New(worker.Config{
		Plan: plan, Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: epoch, Kafka: g.options, Backend: memory.New(),
		CommitInterval: commitEvery, Operated: operated, GivenTopics: g.given, Delivery: g.delivery, Logger: slog.New(slog.NewTextHandler(g.logs, nil)),
	})
	if err != nil {
		g.t.Fatal(err)
	}
	ctx, g.stop = context.WithCancel(ctx)
	g.ended = make(chan error, 1)
	go func(ended chan<- error) { ended <- w.Run(ctx) }(g.ended)
}

// write puts a row of an event time, in seconds, into each of n partitions.
func (g *growing) write(ctx context.Context, n int, seconds int64) {
	g.t.Helper()
	for p := range n {
		r := row{K: "k", ID: int64(len(g.rows)) + 1, TS: seconds * 1000}
		value, err := json.Marshal(r)
		if err == nil {
			err = g.client.ProduceSync(ctx, &kgo.Record{Topic: inputTopic, Partition: int32(p), Value: value}).FirstErr()
		}
		if err != nil {
			g.t.Fatal(err)
		}
		g.rows = append(g.rows, r)
	}
}

func (g *growing) addPartition(ctx context.Context) {
	g.t.Helper()
	if _, err := kadm.NewClient(g.client).UpdatePartitions(ctx, partitions+1, inputTopic); err != nil {
		g.t.Fatal(err)
	}
	g.client.ForceMetadataRefresh()
	sleep(ctx, time.Second)
}

// came returns the ids of the rows that have come out, in order, and the sums of the windows.
func (g *growing) came(ctx context.Context) (ids []int64, counted map[string][]int64) {
	g.t.Helper()
	o, err := (&workload{total: 1 << 20}).collect(ctx, g.stage.client, 20*time.Second)
	if err != nil {
		g.t.Fatal(err)
	}
	for id, n := range o.copies {
		for range n {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, o.counts
}

// through checks that every row came out once and is counted in its window.
func (g *growing) through(ctx context.Context, want map[string][]int64) {
	g.t.Helper()
	ids, counted := g.came(ctx)
	if len(ids) != len(g.rows) || len(slices.Compact(ids)) != len(g.rows) {
		g.t.Errorf("%v came out of %d rows", ids, len(g.rows))
	}
	if fmt.Sprint(counted) != fmt.Sprint(want) {
		g.t.Errorf("counted %v, want %v", counted, want)
	}
}

// TestAWorkerGoesOnBesideAPartitionThatWasAdded grows the input under a running epoch: the worker goes on with the
// partitions of the epoch, also after a restart, and the next epoch takes the new one up from its first record.
func TestAWorkerGoesOnBesideAPartitionThatWasAdded(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		g := grow(t, s)
		defer g.client.Close()
		g.start(ctx, firstEpoch, true)
		g.write(ctx, partitions, 1_000_000)
		sleep(ctx, 5*time.Second)
		g.addPartition(ctx)
		g.write(ctx, partitions+1, 1_000_060)
		sleep(ctx, metadataAge) // the group's leader notices
		g.stop()
		if err := <-g.ended; err != nil {
			t.Fatalf("the worker: %v", err)
		}
		g.start(ctx, firstEpoch, true) // a pod that comes back in the same epoch
		g.write(ctx, partitions, 1_000_061)
		sleep(ctx, 5*time.Second)
		if ids, _ := g.came(ctx); len(ids) != 3*partitions {
			t.Errorf("%v came out of the partitions of the epoch, want %d", ids, 3*partitions)
		}
		g.stop()
		if err := <-g.ended; err != nil {
			t.Fatalf("the worker, once more: %v", err)
		}
		g.start(ctx, firstEpoch+1, true)
		g.write(ctx, partitions+1, 1_001_000) // closes what is before
		sleep(ctx, 5*time.Second)
		g.through(ctx, map[string][]int64{"k@1000000000": {4}, "k@1000060000": {9}})
		g.stop()
		if err := <-g.ended; err != nil {
			t.Errorf("the next epoch: %v", err)
		}
	})
}

// TestWithoutAnOperatorTheNextStartTakesAPartitionUp is the same on a laptop: there the worker ends with a clear error.
func TestWithoutAnOperatorTheNextStartTakesAPartitionUp(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		g := grow(t, s)
		defer g.client.Close()
		g.start(ctx, firstEpoch, false)
		g.write(ctx, partitions, 1_000_000)
		sleep(ctx, 5*time.Second)
		g.addPartition(ctx)
		g.write(ctx, partitions+1, 1_000_060)
		sleep(ctx, metadataAge)
		select {
		case err := <-g.ended:
			if fault.KindOf(err) != fault.User {
				t.Errorf("it ended with %v", err)
			}
		default:
			t.Error("the worker works on, and does not read the new partition")
		}
		g.start(ctx, firstEpoch, false)
		g.write(ctx, partitions+1, 1_001_000)
		sleep(ctx, 5*time.Second)
		g.through(ctx, map[string][]int64{"k@1000000000": {4}, "k@1000060000": {5}})
		g.stop()
		if err := <-g.ended; err != nil {
			t.Errorf("the second start: %v", err)
		}
	})
}
