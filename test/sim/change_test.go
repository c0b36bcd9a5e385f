package sim

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// TestDeliveryChangesFromEpochToEpoch runs a job under each delivery in turn, on the same state: rows of one window come in
// all of the epochs. Between them everything that is in the changelogs of commits that were no transactions is
// written there once more, as a worker does that was given up long ago and wakes. Nothing is lost or counted twice.
func TestDeliveryChangesFromEpochToEpoch(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		again := 0
		deliveries := []spec.Delivery{spec.ExactlyOnce, spec.AtLeastOnce, spec.AtMostOnce, spec.AtLeastOnce, spec.ExactlyOnce, spec.AtMostOnce, spec.ExactlyOnce}
		eachInAnEpoch(ctx, t, s, deliveries, func(g *growing, d spec.Delivery) { g.delivery = d }, func(g *growing) { again += g.repeatChangelogs(ctx) })
		if again == 0 {
			t.Error("nothing was written once more")
		}
	})
}

// TestTheFormatOfThePlanChangesFromEpochToEpoch goes from a plan that the version before has compiled to one of today's and back, on the same
// state: rows of one window come in all of the epochs.
func TestTheFormatOfThePlanChangesFromEpochToEpoch(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		formats := []int{physical.OldestFormat, physical.Format, physical.OldestFormat, physical.Format}
		eachInAnEpoch(ctx, t, s, formats, func(g *growing, format int) { g.format = format }, func(*growing) {})
	})
}

// eachInAnEpoch runs a job in one epoch after the other, each set up another way, on the same state: rows of one window come in all of them, and the last
// one closes it. Afterwards, when an epoch's worker has ended, between is called.
func eachInAnEpoch[W any](ctx context.Context, t *testing.T, s stage, ways []W, set func(g *growing, way W), between func(g *growing)) {
	t.Helper()
	g := grow(t, s)
	defer g.client.Close()
	for n, way := range ways {
		set(g, way)
		g.start(ctx, firstEpoch+int64(n), true)
		at := int64(1_000_000 + n) // of one window
		if n == len(ways)-1 {
			at += 1000 // and this closes it
		}
		g.write(ctx, partitions, at)
		sleep(ctx, 3*time.Second)
		if n == len(ways)-1 {
			g.through(ctx, map[string][]int64{"k@1000000000": {partitions * int64(n)}})
		}
		g.stop()
		if err := <-g.ended; err != nil {
			t.Fatalf("%v in epoch %d: %v", way, n+1, err)
		}
		between(g)
	}
}

// repeatChangelogs appends what commits that were no transactions have written, and returns how many records that is.
func (g *growing) repeatChangelogs(ctx context.Context) int {
	g.t.Helper()
	topic := physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}.Changelog("s1")
	reader, err := kgo.NewClient(append(g.stage.client, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		g.t.Fatal(err)
	}
	defer reader.Close()
	const quiet, owned = time.Second, 3 // the first kind of record that says whose it is
	var list []*kgo.Record
	for last := time.Now(); time.Since(last) < quiet; {
		poll, cancel := context.WithTimeout(ctx, quiet/4)
		reader.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			last = time.Now()
			if r.Value[0] >= owned {
				list = append(list, &kgo.Record{Topic: topic, Partition: r.Partition, Value: r.Value})
			}
		})
		cancel()
	}
	if err := g.client.ProduceSync(ctx, list...).FirstErr(); err != nil {
		g.t.Fatal(err)
	}
	return len(list)
}
