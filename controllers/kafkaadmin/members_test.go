package kafkaadmin_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/physical"
)

// longSession is longer than the test: nobody leaves the group by having been silent.
const longSession = time.Minute

// workers are a job's on one broker, with a topic of four partitions.
type workers struct {
	t       *testing.T
	brokers []string
	admin   *kafkaadmin.Cluster
	mu      sync.Mutex
	has     map[int]int // partitions by ordinal
}

func (w *workers) begin(ordinal int) (die func()) {
	w.t.Helper()
	count := func(by int) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, p map[string][]int32) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.has[ordinal] += by * len(p["in"])
		}
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(w.brokers...), kgo.ConsumerGroup("c.ns.j"), kgo.InstanceID(physical.Topics{Prefix: "c.ns.j"}.InstanceID(ordinal)), kgo.ConsumeTopics("in"),
		kgo.SessionTimeout(longSession), kgo.RebalanceTimeout(longSession), kgo.HeartbeatInterval(50*time.Millisecond), kgo.Balancers(kgo.CooperativeStickyBalancer()),
		kgo.OnPartitionsAssigned(count(1)), kgo.OnPartitionsRevoked(count(-1)), kgo.OnPartitionsLost(count(-1)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(client.Close)
	return client.Close // a static member that is closed says nothing to the group
}

func (w *workers) await(ordinal, partitions int) {
	w.t.Helper()
	for deadline := time.Now().Add(longSession / 2); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		w.mu.Lock()
		n := w.has[ordinal]
		w.mu.Unlock()
		if n == partitions {
			return
		}
	}
	w.t.Fatalf("worker %d has not got %d partitions: %v", ordinal, partitions, w.has)
}

func twoWorkers(t *testing.T) (w *workers, die func()) {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "in"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	pool := kafkaadmin.NewPool(time.Now)
	t.Cleanup(pool.Close)
	admin, err := pool.Get(kafkaadmin.Identity{Connection: "c"}, kafka.Options{Brokers: broker.ListenAddrs()})
	if err != nil {
		t.Fatal(err)
	}
	w = &workers{t: t, brokers: broker.ListenAddrs(), admin: admin, has: map[int]int{}}
	w.begin(0)
	w.await(0, 4)
	die = w.begin(1)
	w.await(1, 2)
	w.await(0, 2)
	return w, die
}

// Others have the tasks of a worker that has died long before the brokers give it up.
func TestTheTasksOfADeadWorkerMoveOnceItIsEvicted(t *testing.T) {
	w, die := twoWorkers(t)
	members, err := w.admin.Members(t.Context(), "c.ns.j")
	if err != nil || len(members) != 2 || members[1] == "" {
		t.Fatalf("members %v, %v", members, err)
	}
	die()
	if again, err := w.admin.Members(t.Context(), "c.ns.j"); err != nil || again[1] != members[1] {
		t.Fatalf("the group does not wait for its member: %v, %v", again, err)
	}
	for range 2 { // it can be done again
		if err := w.admin.EvictMembers(t.Context(), "c.ns.j", []lifecycle.Member{{Ordinal: 1, ID: members[1]}}); err != nil {
			t.Fatal(err)
		}
	}
	w.await(0, 4)
}

func TestAJobWithoutAGroupHasNoMembers(t *testing.T) {
	c, _, _ := cluster(t)
	if members, err := c.Members(t.Context(), "c.ns.none"); err != nil || members == nil || len(members) > 0 {
		t.Errorf("members %v, %v", members, err)
	}
}
