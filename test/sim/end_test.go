package sim

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
	"github.com/millrace/millrace/test/locked"
)

// stage is a cluster in a bubble, for workers that are to end.
type stage struct {
	cluster *kfake.Cluster
	options kafka.Options
	client  []kgo.Opt
	logs    *locked.Buffer
}

// slowEnds lets each end of a transaction take so long.
func (s stage) slowEnds(takes time.Duration) {
	s.cluster.ControlKey(kmsg.EndTxn.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		s.cluster.KeepControl()
		s.cluster.SleepControl(func() { time.Sleep(takes) })
		return nil, nil, false
	})
}

func onStage(t *testing.T, play func(ctx context.Context, t *testing.T, s stage)) {
	t.Helper()
	for range stallsMax {
		if inBubble(t, func(t *testing.T) { t.Helper(); stageAndPlay(t, play) }) {
			return
		}
	}
	t.Fatalf("fake time stood still %d times", stallsMax)
}

func stageAndPlay(t *testing.T, play func(ctx context.Context, t *testing.T, s stage)) {
	t.Helper()
	var network kfake.VirtualNetwork
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(partitions, inputTopic, copyTopic, countsTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	s := stage{cluster: cluster, options: clientOptions(cluster.ListenAddrs()), logs: &locked.Buffer{}}
	s.options.Dial = network.DialContext
	s.client = []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(network.DialContext), kgo.DisableClientMetrics()}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	play(ctx, t, s)
	if t.Failed() {
		t.Log(s.logs.String())
	}
}

func (s stage) worker(t *testing.T, plan *physical.Plan) *worker.Worker {
	t.Helper()
	return s.numbered(t, 0, plan)
}

func (s stage) numbered(t *testing.T, ordinal int, plan *physical.Plan) *worker.Worker {
	t.Helper()
	w, err := worker.New(worker.Config{
		Plan: plan, Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Ordinal: ordinal, Kafka: s.options, Backend: memory.New(),
		CommitInterval: commitEvery, Logger: slog.New(slog.NewTextHandler(s.logs, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestTheSecondProcessOfAnOrdinalEndsTheFirst starts a worker while another one works in its place: the first ends as
// fenced, and between them every row comes out once.
func TestTheSecondProcessOfAnOrdinalEndsTheFirst(t *testing.T) {
	for seed := range uint64(5) {
		onStage(t, func(ctx context.Context, t *testing.T, s stage) {
			t.Helper()
			load := newWorkload(seed)
			ctx, stop := context.WithCancel(ctx)
			var running sync.WaitGroup
			running.Go(func() {
				if err := load.feed(ctx, s.client, seed); err != nil {
					t.Errorf("feed: %v", err)
				}
			})
			first := make(chan error, 1)
			running.Go(func() { first <- s.worker(t, job()).Run(ctx) })
			sleep(ctx, 3*time.Second+time.Duration(roll(seed, "second").IntN(100))*time.Millisecond)
			running.Go(func() {
				if err := s.worker(t, job()).Run(ctx); err != nil {
					t.Errorf("the second: %v", err)
				}
			})
			got, err := load.collect(ctx, s.client, time.Minute)
			if err != nil {
				t.Error(err)
			}
			select {
			case err := <-first:
				if fault.KindOf(err) != fault.Fenced {
					t.Errorf("the first ended with %v", err)
				}
			default:
				t.Error("the first works on")
			}
			stop()
			running.Wait()
			if v := load.verdict(got); v != "" {
				t.Error(v)
			}
		})
	}
}

// TestABadRowEndsTheWorkerWithItsPlace says what a user sees of a row that cannot be read, under each policy.
func TestABadRowEndsTheWorkerWithItsPlace(t *testing.T) {
	for _, policy := range []spec.BadRows{spec.BadRowsFail, spec.BadRowsSkip} {
		onStage(t, func(ctx context.Context, t *testing.T, s stage) {
			t.Helper()
			client, err := kgo.NewClient(append(s.client, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			for _, value := range []string{`{"k":"a","id":1,"ts":1000000000}`, `{"k":"a","id":"one"`, `{"k":"a","id":2,"ts":1000000000}`} {
				if err := client.ProduceSync(ctx, &kgo.Record{Topic: inputTopic, Partition: 2, Value: []byte(value)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			plan := job()
			plan.BadRows = policy
			w := s.worker(t, plan)
			if policy == spec.BadRowsFail {
				var f *fault.Error
				if err := w.Run(ctx); !errors.As(err, &f) || f.Kind != fault.Data || f.Place != fault.InRecord(inputTopic, 2, 1) {
					t.Errorf("the worker ended with %v", err)
				}
				return
			}
			ctx, stop := context.WithCancel(ctx)
			ended := make(chan error, 1)
			go func() { ended <- w.Run(ctx) }()
			for end := time.Now().Add(5 * time.Second); w.Snapshot().Rows.Bad != 1 && time.Now().Before(end); {
				sleep(ctx, 50*time.Millisecond)
			}
			if r := w.Snapshot().Rows; r.Bad != 1 || r.RecordsIn < 3 {
				t.Errorf("counted %+v", r)
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAWorkerThatEndsWhileItRecoversLeavesTheGroup stops a worker whose last transaction can't be ended: the partitions
// are free at once, not after the session timeout.
func TestAWorkerThatEndsWhileItRecoversLeavesTheGroup(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		client, err := kgo.NewClient(append(s.client, kgo.DisableIdempotentWrite(), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		w := s.worker(t, job())
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		until := func(what string, holds func() bool) {
			t.Helper()
			for end := time.Now().Add(time.Minute); !holds(); sleep(t.Context(), 50*time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("waited for: %s; %+v", what, w.Snapshot())
				}
			}
		}
		until("running", func() bool { return w.Snapshot().Phase == control.Running && len(w.Snapshot().Tasks) == 2*partitions })
		refuse := func(kmsg.Request) (kmsg.Response, error, bool) {
			s.cluster.KeepControl()
			return nil, errors.New("the test refuses"), true
		}
		s.cluster.ControlKey(kmsg.EndTxn.Int16(), refuse)
		s.cluster.ControlKey(kmsg.InitProducerID.Int16(), refuse)
		if err := client.ProduceSync(ctx, &kgo.Record{Topic: inputTopic, Value: []byte(`{"k":"a","id":1,"ts":1000000000}`)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		until("recovering", func() bool { return w.Snapshot().Phase == control.Recovering })
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		groups, err := kadm.NewClient(client).DescribeGroups(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		if members := groups[prefix].Members; len(members) != 0 {
			t.Errorf("the group has %d members", len(members))
		}
	})
}
