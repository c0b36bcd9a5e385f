package kafkaadmin_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

func cluster(t *testing.T) (*kafkaadmin.Cluster, *kadm.Client, *kgo.Client) {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	pool := kafkaadmin.NewPool(time.Now)
	t.Cleanup(pool.Close)
	c, err := pool.Get(kafkaadmin.Identity{Connection: "c"}, kafka.Options{Brokers: broker.ListenAddrs()})
	if err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return c, kadm.NewClient(client), client
}

func TestATopicIsMadeGrownAlteredAndDeleted(t *testing.T) {
	c, _, _ := cluster(t)
	ctx := t.Context()
	if o, err := c.Topic(ctx, "bids"); o != nil || err != nil {
		t.Fatalf("before: %v %v", o, err)
	}
	apply := func(a topicplan.Action) *topicplan.Observed {
		t.Helper()
		if err := c.Apply(ctx, "bids", a); err != nil {
			t.Fatal(err)
		}
		o, err := c.Topic(ctx, "bids")
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	made := apply(topicplan.Action{Kind: topicplan.Create, Partitions: 2, Replicas: 1, Set: map[string]string{"retention.ms": "1000"}})
	if made == nil || made.Partitions != 2 || made.Config["retention.ms"] != "1000" {
		t.Fatalf("made %+v", made)
	}
	if o := apply(topicplan.Action{Kind: topicplan.Grow, Partitions: 3}); o.Partitions != 3 || o.ID != made.ID {
		t.Errorf("grown %+v", o)
	}
	if o := apply(topicplan.Action{Kind: topicplan.Alter, Set: map[string]string{"retention.bytes": "7"}, Unset: []string{"retention.ms"}}); o.Config["retention.bytes"] != "7" || o.Config["retention.ms"] == "1000" {
		t.Errorf("altered %+v", o)
	}
	if o := apply(topicplan.Action{Kind: topicplan.Delete}); o != nil {
		t.Errorf("deleted %+v", o)
	}
	if err := c.Apply(ctx, "bids", topicplan.Action{Kind: topicplan.Grow, Partitions: 3}); fault.KindOf(err) == fault.Unknown {
		t.Errorf("an error without a kind: %v", err)
	}
}

func TestAJobLeavesNothingBehind(t *testing.T) {
	c, admin, _ := cluster(t)
	ctx := t.Context()
	const prefix = "c.ns.job"
	if found, err := c.HasState(ctx, lifecycle.Remains{Prefix: prefix}); found || err != nil {
		t.Fatalf("before: %v %v", found, err)
	}
	if _, err := admin.CreateTopics(ctx, 2, 1, nil, "in", "c.ns.job2.1.commits", "c.ns.job.x"); err != nil {
		t.Fatal(err)
	}
	names := physical.Topics{Prefix: prefix, StateEpoch: 1}
	internal := []physical.InternalTopic{{Name: names.Commits(), Partitions: 1}, {Name: names.Changelog("s"), Partitions: 4}}
	prepare(t, c, prefix, internal)
	if missing, err := c.Missing(ctx, []string{"in", "out", names.Commits()}); err != nil || !reflect.DeepEqual(missing, []string{"out"}) {
		t.Errorf("missing %v %v", missing, err)
	}
	if found, err := c.HasState(ctx, lifecycle.Remains{Prefix: prefix}); !found || err != nil {
		t.Errorf("topics are no state: %v %v", found, err)
	}
	offsets := kadm.Offsets{}
	offsets.AddOffset("in", 0, 0, -1)
	if err := admin.CommitAllOffsets(ctx, prefix, offsets); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.CleanUp(ctx, lifecycle.Remains{Prefix: prefix, MaxOrdinal: 2, LastEpoch: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := c.HasState(ctx, lifecycle.Remains{Prefix: prefix}); found || err != nil {
		t.Errorf("after: %v %v", found, err)
	}
	if missing, err := c.Missing(ctx, []string{"in", "c.ns.job2.1.commits", "c.ns.job.x"}); err != nil || len(missing) > 0 {
		t.Errorf("took what is not the job's: %v %v", missing, err)
	}
}

func TestWhatAJobsRecordDoesNotOwnStays(t *testing.T) {
	c, admin, _ := cluster(t)
	const prefix, own, held, later = "c.ns.job", "c.ns.job.2.commits", "c.ns.job.1.held", "c.ns.job.3.later"
	if _, err := admin.CreateTopics(t.Context(), 1, 1, nil, own, held, later); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		remains lifecycle.Remains
		gone    []string
	}{
		{lifecycle.Remains{Prefix: prefix, LastEpoch: 2, Keep: []string{held}}, []string{own}},
		{lifecycle.Remains{Prefix: prefix, Keep: []string{held}}, []string{own, later}}, // with no record, when the user says so
		{lifecycle.Remains{Prefix: prefix}, []string{own, held, later}},
	} {
		if err := c.CleanUp(t.Context(), step.remains); err != nil {
			t.Fatal(err)
		}
		if found, err := c.HasState(t.Context(), step.remains); found || err != nil {
			t.Errorf("%+v: what stays is taken for the job's: %v", step.remains, err)
		}
		if missing, err := c.Missing(t.Context(), []string{own, held, later}); err != nil || !reflect.DeepEqual(missing, step.gone) {
			t.Errorf("%+v: gone are %v, %v; want %v", step.remains, missing, err, step.gone)
		}
	}
}

func TestLagCountsWhatIsNotCommitted(t *testing.T) {
	c, admin, client := cluster(t)
	ctx := t.Context()
	if _, err := admin.CreateTopics(ctx, 2, 1, nil, "in"); err != nil {
		t.Fatal(err)
	}
	lag := func(want int64) {
		t.Helper()
		if got, err := c.Progress(ctx, "g", 1, []string{"in"}); err != nil || got.LagRecords != want || len(got.Added) > 0 {
			t.Errorf("%+v %v, want %d", got, err, want)
		}
	}
	lag(0)
	for range 10 {
		if err := client.ProduceSync(ctx, &kgo.Record{Topic: "in", Partition: 1, Value: []byte("x")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	lag(10)
	offsets := kadm.Offsets{}
	offsets.AddOffset("in", 1, 7, -1)
	if err := admin.CommitAllOffsets(ctx, "g", offsets); err != nil {
		t.Fatal(err)
	}
	lag(3)
	if got, err := c.Progress(ctx, "g", 1, nil); err != nil || !reflect.DeepEqual(got, &lifecycle.Progress{}) {
		t.Errorf("a job that reads no topic: %+v %v", got, err)
	}
}

func TestAPartitionWithoutAStampWasAdded(t *testing.T) {
	c, admin, _ := cluster(t)
	ctx := t.Context()
	if _, err := admin.CreateTopics(ctx, 2, 1, nil, "in"); err != nil {
		t.Fatal(err)
	}
	stamp := func(numbers ...int32) {
		t.Helper()
		offsets := kadm.Offsets{}
		for _, n := range numbers {
			meta := task.Meta{JobEpoch: 3, Seq: 1, Watermark: types.Watermark(1_000_000 * int64(n+5))}
			offsets.Add(kadm.Offset{Topic: "in", Partition: n, At: 0, LeaderEpoch: -1, Metadata: meta.Encode()})
		}
		if err := admin.CommitAllOffsets(ctx, "g", offsets); err != nil {
			t.Fatal(err)
		}
	}
	stamp(0, 1)
	if _, err := admin.UpdatePartitions(ctx, 4, "in"); err != nil {
		t.Fatal(err)
	}
	for epoch, want := range map[int64][]string{3: {"in/2", "in/3"}, 4: nil} {
		got, err := c.Progress(ctx, "g", epoch, []string{"in"})
		if err != nil || !reflect.DeepEqual(got.Added, want) {
			t.Errorf("epoch %d: %+v, %v; want %v", epoch, got, err, want)
		}
	}
	stamp(0, 1, 2, 3)
	got, err := c.Progress(ctx, "g", 3, []string{"in"})
	if err != nil || len(got.Added) > 0 || got.Watermark.Unix() != 5 {
		t.Errorf("%+v, %v", got, err)
	}
}

// prepare does what comes before workers, twice: every step can be done again.
func prepare(t *testing.T, c *kafkaadmin.Cluster, prefix string, internal []physical.InternalTopic) {
	t.Helper()
	for range 2 {
		for _, step := range []func() error{
			func() error { return c.CreateInternal(t.Context(), internal, 1, 1) },
			func() error { return c.Fence(t.Context(), prefix, 2) },
			func() error { return c.RemoveMembers(t.Context(), prefix, []int32{1, 2}) },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
