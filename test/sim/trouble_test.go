package sim

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
	"github.com/millrace/millrace/test/locked"
)

// backAgain is how long a worker may take, in fake time, until it commits again: less than the 10 s of a transaction's
// timeout, which nothing may have to wait for.
const backAgain = 5 * time.Second

// cable is a connection to the network that can be pulled out.
type cable struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex
	out   bool
	conns []net.Conn
}

func (c *cable) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	out := c.out
	c.mu.Unlock()
	if out {
		sleep(ctx, dialTimeout)
		return nil, errCut
	}
	conn, err := c.dial(ctx, network, address)
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn)
		c.mu.Unlock()
	}
	return conn, err
}

func (c *cable) pull(ctx context.Context, d time.Duration) {
	c.mu.Lock()
	c.out = true
	conns := c.conns
	c.conns = nil
	c.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
	}
	sleep(ctx, d)
	c.mu.Lock()
	c.out = false
	c.mu.Unlock()
}

// trouble is what happens to a worker while it works.
type trouble struct {
	away time.Duration // it is cut off
	idle time.Duration // the idle timeout of its partitions; 0 is none
	key  kmsg.Key      // its next request of this kind gets the error
	err  *kerr.Error
	// delivery is the worker's; empty is exactly once.
	delivery spec.Delivery
}

// TestTrouble lets a worker meet what brokers do to it. It goes on, in the same or a new session, and each row is there
// once, or as often as the delivery promises.
func TestTrouble(t *testing.T) {
	cases := map[string]trouble{
		"the brokers are away for a minute":              {away: time.Minute},
		"the brokers are away for a moment":              {away: 2 * time.Second},
		"they are away for longer than an idle timeout":  {away: 3 * time.Second, idle: time.Second},
		"offsets are refused: UNKNOWN_MEMBER_ID":         {key: kmsg.TxnOffsetCommit, err: kerr.UnknownMemberID},
		"offsets are refused: ILLEGAL_GENERATION":        {key: kmsg.TxnOffsetCommit, err: kerr.IllegalGeneration},
		"offsets are refused: INVALID_PRODUCER_EPOCH":    {key: kmsg.TxnOffsetCommit, err: kerr.InvalidProducerEpoch},
		"offsets are refused: PRODUCER_FENCED":           {key: kmsg.TxnOffsetCommit, err: kerr.ProducerFenced},
		"offsets are refused: COORDINATOR_NOT_AVAILABLE": {key: kmsg.TxnOffsetCommit, err: kerr.CoordinatorNotAvailable},
		"the end is refused: INVALID_PRODUCER_EPOCH":     {key: kmsg.EndTxn, err: kerr.InvalidProducerEpoch},
		"the end is refused: PRODUCER_FENCED":            {key: kmsg.EndTxn, err: kerr.ProducerFenced},
		"the end is refused: INVALID_TXN_STATE":          {key: kmsg.EndTxn, err: kerr.InvalidTxnState},
		"records are refused: INVALID_PRODUCER_EPOCH":    {key: kmsg.Produce, err: kerr.InvalidProducerEpoch},
		"records are refused: OUT_OF_ORDER_SEQUENCE":     {key: kmsg.Produce, err: kerr.OutOfOrderSequenceNumber},
		"records are refused: NOT_LEADER":                {key: kmsg.Produce, err: kerr.NotLeaderForPartition},
		"the heartbeat says UNKNOWN_MEMBER_ID":           {key: kmsg.Heartbeat, err: kerr.UnknownMemberID},
		"the heartbeat says ILLEGAL_GENERATION":          {key: kmsg.Heartbeat, err: kerr.IllegalGeneration},
	}
	for _, d := range []spec.Delivery{spec.AtLeastOnce, spec.AtMostOnce} {
		for _, err := range []*kerr.Error{kerr.UnknownMemberID, kerr.IllegalGeneration, kerr.RebalanceInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator} {
			cases[fmt.Sprintf("%s: offsets are refused: %s", d, err.Message)] = trouble{delivery: d, key: kmsg.OffsetCommit, err: err}
		}
		for _, err := range []*kerr.Error{kerr.OutOfOrderSequenceNumber, kerr.NotLeaderForPartition, kerr.InvalidProducerEpoch} {
			cases[fmt.Sprintf("%s: records are refused: %s", d, err.Message)] = trouble{delivery: d, key: kmsg.Produce, err: err}
		}
		cases[fmt.Sprintf("%s: the heartbeat says UNKNOWN_MEMBER_ID", d)] = trouble{delivery: d, key: kmsg.Heartbeat, err: kerr.UnknownMemberID}
		cases[fmt.Sprintf("%s: the brokers are away for a minute", d)] = trouble{delivery: d, away: time.Minute}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { c.meet(t) }) })
	}
}

func (c trouble) meet(t *testing.T) {
	t.Helper()
	const seed = 1
	var network kfake.VirtualNetwork
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(partitions, inputTopic, copyTopic, countsTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	logs := &locked.Buffer{}
	line := &cable{dial: network.DialContext}
	options := clientOptions(cluster.ListenAddrs())
	options.Dial = line.DialContext
	client := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(network.DialContext), kgo.DisableClientMetrics()}
	plan := job()
	plan.Stages[0].Input.Topic.EventTime.IdleTimeoutMicros = c.idle.Microseconds()
	w, err := worker.New(worker.Config{
		Plan: plan, Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Kafka: options, Backend: memory.New(),
		CommitInterval: commitEvery, Delivery: c.delivery, Logger: slog.New(slog.NewTextHandler(logs, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	load := newWorkload(seed)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := load.feed(ctx, client, seed); err != nil {
			t.Errorf("feed: %v", err)
		}
	})
	running.Go(func() {
		if err := w.Run(ctx); err != nil {
			t.Errorf("the worker ended: %v", err)
		}
	})
	sleep(ctx, 4*time.Second)
	c.strike(ctx, cluster, line)
	over := time.Now()
	for w.Snapshot().Phase != control.Running || !w.Snapshot().LastCommit.After(over) {
		if sleep(ctx, 50*time.Millisecond); time.Since(over) > backAgain {
			t.Errorf("%v after the trouble it has not committed again", backAgain)
			break
		}
	}
	got, err := load.gather(ctx, client, 2*time.Minute, load.quiet(c.delivery))
	if err != nil {
		t.Errorf("collect: %v", err)
	}
	stop()
	running.Wait()
	if v := load.judge(c.delivery, got); v != "" {
		t.Error(v)
	}
	if t.Failed() {
		t.Log(logs.String())
	}
}

// strike makes the trouble, and returns when it is over.
func (c trouble) strike(ctx context.Context, cluster *kfake.Cluster, line *cable) {
	if c.away > 0 {
		line.pull(ctx, c.away)
		return
	}
	met := make(chan struct{})
	once := false
	cluster.ControlKey(int16(c.key), func(req kmsg.Request) (kmsg.Response, error, bool) {
		if once || transactionalID(req) == feederID {
			cluster.KeepControl()
			return nil, nil, false
		}
		once = true
		close(met)
		return refuseAs(req, c.err.Code), nil, true
	})
	select {
	case <-met:
	case <-ctx.Done():
	}
}
