package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/control"
)

const (
	stallFor     = 5 * time.Minute // fake: many commits are given up in it
	backlogRows  = 96 << 10
	backlogBytes = 1 << 10  // a row
	stallHeap    = 48 << 20 // half of the backlog; most of it is what lies in the embedded broker
	// stallFetches is how often the input may be asked for between two commits that are given up.
	stallFetches = 12
)

// TestASinkThatDoesNotAnswerStopsTheSource lets the brokers take no row of one sink, while 96 MiB of input wait: the source is not
// fetched further, memory stays where it is, and when the sink is back every row comes once.
func TestASinkThatDoesNotAnswerStopsTheSource(t *testing.T) {
	onStage(t, func(ctx context.Context, t *testing.T, s stage) {
		t.Helper()
		s.pile(ctx, t)
		back := make(chan struct{})
		fetches := s.lose(ctx, t, back)
		plan := job()
		plan.Stages = plan.Stages[:1] // the sink alone: what is written besides lies in this process too
		plan.Stages[0].Branches = plan.Stages[0].Branches[:1]
		before := heap()
		w := s.worker(t, plan)
		ctx, stop := context.WithCancel(ctx)
		var running sync.WaitGroup
		running.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		for w.Snapshot().Phase != control.Running {
			sleep(ctx, 10*time.Millisecond)
		}
		sleep(ctx, time.Minute)
		most, asked, aborts := int64(0), fetches.Load(), w.Snapshot().Aborts
		// What a commit has on its way lies in the embedded broker's buffers too, until it is given up: of looks that are spread over two
		// commits the lowest tells what stays.
		last := [4]int64{}
		for n, began := 0, time.Now(); time.Since(began) < stallFor; sleep(ctx, 7*time.Second) {
			last[n%len(last)] = heap() - before
			if n++; n >= len(last) {
				most = max(most, slices.Min(last[:]))
			}
		}
		status := w.Snapshot()
		asked, aborts = fetches.Load()-asked, status.Aborts-aborts
		t.Logf("%d MiB at most, %d commits given up, the input asked for %d times, %+v", most>>20, aborts, asked, status.Spent)
		if most > stallHeap {
			t.Errorf("the heap has grown by %d bytes, %d are allowed", most, stallHeap)
		}
		if aborts == 0 || asked > stallFetches*aborts {
			t.Errorf("the input is asked for %d times while %d commits are given up", asked, aborts)
		}
		if status.LagRecords < backlogRows/2 {
			t.Errorf("%d rows are not read yet: the backlog is too small", status.LagRecords)
		}
		judgeWait(t, status)
		if status.Stuck(time.Now()) {
			t.Error("to wait for brokers is not to be stuck")
		}
		close(back)
		came(ctx, t, s)
		stop()
		running.Wait()
	})
}

// pile writes the backlog.
func (s stage) pile(ctx context.Context, t *testing.T) {
	t.Helper()
	client, err := kgo.NewClient(append(s.client, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	long := strings.Repeat("k", backlogBytes)
	for id := range int64(backlogRows) {
		value, err := json.Marshal(row{K: fmt.Sprintf("%s%d", long, id%keys), ID: id + 1, TS: eventBegin + id/8})
		if err != nil {
			t.Fatal(err)
		}
		client.Produce(ctx, &kgo.Record{Topic: inputTopic, Partition: int32(id % partitions), Value: value}, nil)
	}
	if err := client.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// came checks that every row of the backlog comes out once.
func came(ctx context.Context, t *testing.T, s stage) {
	t.Helper()
	o, err := (&workload{total: 1 << 30}).gather(ctx, s.client, 5*time.Minute, func(*output) time.Duration { return 30 * time.Second })
	if err != nil {
		t.Error(err)
	}
	if len(o.copies) != backlogRows || o.doubled() != 0 {
		t.Errorf("%d rows came of %d, %d of them doubled", len(o.copies), backlogRows, o.doubled())
	}
}

// heap is how much is alive.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what pools keep goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// lose lets the brokers take no row for the copies until back is closed, and counts how often they are asked for the input.
func (s stage) lose(ctx context.Context, t *testing.T, back <-chan struct{}) *atomic.Int64 {
	t.Helper()
	client, err := kgo.NewClient(s.client...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	topics, err := kadm.NewClient(client).ListTopics(ctx, inputTopic, copyTopic)
	if err != nil {
		t.Fatal(err)
	}
	s.cluster.ControlKey(kmsg.Produce.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		s.cluster.KeepControl()
		select {
		case <-back:
			return nil, nil, false
		default:
		}
		p := req.(*kmsg.ProduceRequest)
		for _, topic := range p.Topics {
			if topic.Topic == copyTopic || topic.TopicID == topics[copyTopic].ID {
				p.Topics = nil // it is not to lie in this process for as long as it waits
				s.cluster.SleepControl(func() { <-back })
				return nil, errors.New("the request was lost"), true
			}
		}
		return nil, nil, false
	})
	fetches := &atomic.Int64{}
	s.cluster.ControlKey(kmsg.Fetch.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		s.cluster.KeepControl()
		for _, topic := range req.(*kmsg.FetchRequest).Topics {
			if topic.Topic == inputTopic || topic.TopicID == topics[inputTopic].ID {
				fetches.Add(1)
			}
		}
		return nil, nil, false
	})
	return fetches
}

// judgeWait wants the worker, and a source, to say that they wait.
func judgeWait(t *testing.T, status control.Status) {
	t.Helper()
	if wait := status.Spent.Backpressure + status.Spent.Commit; wait < stallFor.Seconds()/2 {
		t.Errorf("%v s are spent waiting for the sink: %+v", wait, status.Spent)
	}
	pressed := 0.0
	for _, task := range status.Tasks {
		pressed = max(pressed, task.BackpressureSeconds)
	}
	if pressed < stallFor.Seconds()/2 {
		t.Errorf("no source is in backpressure for longer than %v s", pressed)
	}
}
