package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// bubble runs a test in fake time, against a broker with a few topics of two partitions.
func bubble(t *testing.T, test func(t *testing.T, o kafka.Options)) {
	t.Helper()
	withCluster(t, func(t *testing.T, _ *kfake.Cluster, o kafka.Options) {
		t.Helper()
		test(t, o)
	})
}

func withCluster(t *testing.T, test func(t *testing.T, c *kfake.Cluster, o kafka.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var network kfake.VirtualNetwork
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(2, "in", "out", "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		test(t, cluster, kafka.Options{
			Brokers: cluster.ListenAddrs(), Dial: network.DialContext, RequestRetries: 3,
			RetryBackoff: func(int) time.Duration { return 100 * time.Millisecond },
		})
	})
}

func group(epoch int64, ordinal int) kafka.Group {
	return kafka.Group{
		Group: "local.test.job", Epoch: epoch, Ordinal: ordinal, Topics: []string{"in"},
		Name: func(n int) string { return "local.test.job." + strconv.Itoa(n) },
	}
}

// recorder is a Handler that opens everything and remembers what it was told.
type recorder struct {
	producer *kafka.Producer

	mu     sync.Mutex
	opened map[kafka.Partition]kafka.Committed
}

func (r *recorder) Joined(ctx context.Context) error { return r.producer.Begin(ctx) }

func (r *recorder) Open(_ context.Context, ps []kafka.Committed) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range ps {
		r.opened[p.Partition] = p
	}
	return nil
}

func (r *recorder) Revoked(context.Context, []kafka.Partition) {}

func (r *recorder) Lost(context.Context, []kafka.Partition) {}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill writes n records to a partition of in, in one transaction.
func fill(t *testing.T, o kafka.Options, id string, partition int32, n int) {
	t.Helper()
	p, err := kafka.NewProducer(t.Context(), o, id, nil)
	must(t, err)
	defer p.Close()
	must(t, p.Begin(t.Context()))
	for i := range n {
		must(t, p.Emit("in", partition, nil, []byte(strconv.Itoa(i))))
	}
	m, err := kafka.NewMember(t.Context(), o, kafka.Group{
		Group: "feeder", Epoch: 1, Topics: []string{"out"}, Name: func(int) string { return id },
	}, &recorder{producer: p, opened: map[kafka.Partition]kafka.Committed{}})
	must(t, err)
	defer m.Close()
	for m.ID() == "" {
		poll(t, m, func(kafka.Fetched) error { return nil })
	}
	must(t, p.Flush(t.Context(), time.Second))
	outcome, err := p.Commit(t.Context(), m, nil)
	if outcome != kafka.Landed {
		t.Fatal(outcome, err)
	}
}

func poll(t *testing.T, m *kafka.Member, visit func(kafka.Fetched) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	must(t, m.Poll(ctx, 100, visit))
	m.Release()
}

// stampAll commits offset 0 for both partitions of in.
func stampAll(t *testing.T, a *kafka.Admin, g kafka.Group, metadata string) {
	t.Helper()
	must(t, a.Stamp(t.Context(), g.Group, []kafka.Committed{
		{Partition: kafka.Partition{Topic: "in"}, Metadata: metadata},
		{Partition: kafka.Partition{Topic: "in", Number: 1}, Metadata: metadata},
	}))
}

func admin(t *testing.T, o kafka.Options) *kafka.Admin {
	t.Helper()
	a, err := kafka.NewAdmin(o)
	must(t, err)
	return a
}

func say(found []kafka.Committed) string {
	var parts []string
	for _, c := range found {
		parts = append(parts, fmt.Sprintf("%s at %d: %s", c.Partition, c.Offset, c.Metadata))
	}
	return strings.Join(parts, ", ")
}

func TestOffsetsCommitWithTheTransactionAndTheirMetadata(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		fill(t, o, "feeder", 1, 10)
		a := admin(t, o)
		defer a.Close()
		g := group(1, 0)
		stampAll(t, a, g, "stamp")
		p, err := kafka.NewProducer(t.Context(), o, g.Name(0), []string{"log"})
		must(t, err)
		defer p.Close()
		r := &recorder{producer: p, opened: map[kafka.Partition]kafka.Committed{}}
		m, err := kafka.NewMember(t.Context(), o, g, r)
		must(t, err)
		defer m.Close()
		var rows int
		var next int64
		for next < 11 { // ten records and the marker
			poll(t, m, func(f kafka.Fetched) error {
				rows, next = rows+len(f.Records), f.Next
				for _, rec := range f.Records {
					must(t, p.Emit("out", -1, nil, append([]byte(nil), rec.Value...)))
				}
				return nil
			})
		}
		if rows != 10 || r.opened[kafka.Partition{Topic: "in", Number: 1}].Metadata != "stamp" {
			t.Errorf("%d rows, opened %v", rows, r.opened)
		}
		must(t, p.Emit("log", 1, nil, []byte("meta")))
		must(t, p.Flush(t.Context(), time.Second))
		if at, ok := p.Written(kafka.Partition{Topic: "log", Number: 1}); !ok || at != 0 {
			t.Errorf("the log record is at %d, %v", at, ok)
		}
		outcome, err := p.Commit(t.Context(), m, []kafka.Committed{{Partition: kafka.Partition{Topic: "in", Number: 1}, Offset: next, Metadata: "commit 1"}})
		if outcome != kafka.Landed {
			t.Fatal(outcome, err)
		}
		found, err := a.Committed(t.Context(), g.Group, "in")
		must(t, err)
		if got := say(found); got != "in/0 at 0: stamp, in/1 at 11: commit 1" {
			t.Errorf("committed: %s", got)
		}
		var seen []string
		must(t, kafka.Replay(t.Context(), o, map[kafka.Partition]int64{{Topic: "log", Number: 1}: 0}, func(_ kafka.Partition, offset int64, value []byte) error {
			seen = append(seen, fmt.Sprintf("%d %s", offset, value))
			return nil
		}))
		if len(seen) != 1 || seen[0] != "0 meta" {
			t.Errorf("replayed %v", seen)
		}
	})
}

func TestAnAbortedTransactionLeavesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		p, err := kafka.NewProducer(t.Context(), o, "x", []string{"log"})
		must(t, err)
		defer p.Close()
		must(t, p.Begin(t.Context()))
		must(t, p.Emit("log", 0, nil, []byte("dropped")))
		must(t, p.Flush(t.Context(), time.Second))
		must(t, p.Abort(t.Context()))
		if p.Records() != 0 {
			t.Errorf("%d records in the next transaction", p.Records())
		}
		must(t, kafka.Replay(t.Context(), o, map[kafka.Partition]int64{{Topic: "log"}: 0}, func(_ kafka.Partition, offset int64, value []byte) error {
			return fmt.Errorf("%d %s is visible", offset, value)
		}))
	})
}

func TestReplayRefusesAStoreThatIsAheadOfTheLog(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		err := kafka.Replay(t.Context(), o, map[kafka.Partition]int64{{Topic: "log"}: 7}, nil)
		if fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%v", err)
		}
	})
}

func TestAFenceEndsMembersAndTransactions(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		a := admin(t, o)
		defer a.Close()
		g := group(1, 4) // an ordinal that nobody told the fence about
		stampAll(t, a, g, "1")
		p, err := kafka.NewProducer(t.Context(), o, g.Name(4), nil)
		must(t, err)
		defer p.Close()
		r := &recorder{producer: p, opened: map[kafka.Partition]kafka.Committed{}}
		m, err := kafka.NewMember(t.Context(), o, g, r)
		must(t, err)
		defer m.Close()
		for m.ID() == "" || len(r.opened) < 2 {
			poll(t, m, func(kafka.Fetched) error { return nil })
		}
		must(t, p.Emit("out", 0, nil, []byte("of the old epoch")))
		must(t, p.Flush(t.Context(), time.Second))
		if err := a.Stamp(t.Context(), g.Group, []kafka.Committed{{Partition: kafka.Partition{Topic: "in"}}}); fault.KindOf(err) != fault.Fenced {
			t.Errorf("a stamp beside a member: %v", err)
		}
		must(t, a.Fence(t.Context(), group(2, 0)))
		stampAll(t, a, g, "2")
		outcome, err := p.Commit(t.Context(), m, []kafka.Committed{{Partition: kafka.Partition{Topic: "in"}, Offset: 1}})
		if outcome == kafka.Landed {
			t.Error("a worker of the old epoch has committed")
		}
		if !errors.Is(err, kerr.InvalidProducerEpoch) && !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.UnknownMemberID) && !errors.Is(err, kerr.FencedInstanceID) {
			t.Errorf("%v", err)
		}
		found, err := a.Committed(t.Context(), g.Group, "in")
		must(t, err)
		if got := say(found); got != "in/0 at 0: 2, in/1 at 0: 2" {
			t.Errorf("committed: %s", got)
		}
	})
}

// The first job of a new cluster asks for its group before the topic of all groups is made.
func TestOffsetsAreThereAsSoonAsTheGroupHasACoordinator(t *testing.T) {
	withCluster(t, func(t *testing.T, c *kfake.Cluster, o kafka.Options) {
		t.Helper()
		begin := time.Now()
		c.ControlKey(kmsg.FindCoordinator.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
			if time.Since(begin) > 200*time.Millisecond {
				return nil, nil, false
			}
			c.KeepControl()
			resp := r.ResponseKind().(*kmsg.FindCoordinatorResponse)
			for _, key := range r.(*kmsg.FindCoordinatorRequest).CoordinatorKeys {
				none := kmsg.NewFindCoordinatorResponseCoordinator()
				none.Key, none.ErrorCode = key, kerr.CoordinatorNotAvailable.Code
				resp.Coordinators = append(resp.Coordinators, none)
			}
			return resp, nil, true
		})
		a := admin(t, o)
		defer a.Close()
		found, err := a.CommittedSoFar(t.Context(), "local.test.job", "in")
		must(t, err)
		if got, want := say(found), "in/0 at -1: , in/1 at -1: "; got != want {
			t.Errorf("found %q, want %q", got, want)
		}
	})
}

func TestNoTopicsHaveNoOffsets(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		a := admin(t, o)
		defer a.Close()
		for name, list := range map[string]func(context.Context, ...string) (map[kafka.Partition]int64, error){
			"starts": a.Starts, "ends": a.Ends, "stable ends": a.StableEnds,
		} {
			if found, err := list(t.Context()); err != nil || len(found) > 0 {
				t.Errorf("%s: %v %v", name, found, err)
			}
		}
	})
}

func TestInternalTopicsAreVerified(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		a := admin(t, o)
		defer a.Close()
		topics := []kafka.InternalTopic{{Name: "j.1.x", Partitions: 4}, {Name: "j.1.commits", Partitions: 1}}
		must(t, a.CreateInternal(t.Context(), topics, kafka.Durability{}))
		must(t, a.CreateInternal(t.Context(), topics, kafka.Durability{})) // again is fine
		cases := map[string][]kafka.InternalTopic{
			"not there":                      {{Name: "j.1.other", Partitions: 1}},
			"another number of partitions":   {{Name: "j.1.x", Partitions: 8}},
			"a retention that loses records": {{Name: "in", Partitions: 2}},
		}
		for name, c := range cases {
			if err := a.VerifyInternal(t.Context(), c); fault.KindOf(err) != fault.User {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
