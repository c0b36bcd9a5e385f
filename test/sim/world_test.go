package sim

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/worker"
	"github.com/millrace/millrace/test/locked"
)

// bugs are what a run plants.
type bugs struct {
	kafka    kafka.Plants
	worker   worker.Plants
	delivery spec.Delivery // empty: the seed's
}

// outcome is what became of a run.
type outcome struct {
	wrong   string // empty: every row once
	waiting bool   // the broker has let every worker wait for its group for ever: the run says nothing
	unseen  bool   // so it was each time
	crashes int
	gaveUp  int // workers that ended by themselves, to be started again
	net     *Net
	copied  int           // rows that were copied, as far as they are there
	doubled int           // of those, what came more than once
	fed     int           // rows
	warmed  int           // tasks that a worker had warmed up for
	took    time.Duration // fake
	log     string
	stood   string // what all goroutines did when the time was up and rows were missing; else empty
}

// workersMax is how many workers a run has at most.
const workersMax = 5

// world is a cluster, a network and the places of the workers, in a bubble.
type world struct {
	seed     uint64
	net      *Net
	schedule []Event
	restart  func(worker, n int) Restart
	options  kafka.Options
	client   []kgo.Opt
	plants   worker.Plants
	delivery spec.Delivery
	job      *physical.Plan
	log      slog.Handler
	running  sync.WaitGroup
	// blobs keep snapshots of the state; nil for none, and then a disk outlives its process.
	blobs *snapshottest.Blobs
	// savepoints are where savepoints are; nil for none. era is what the workers run, which a move changes.
	savepoints *snapshottest.Blobs
	era        era
	// laps says when state is rewritten at the changelogs' heads; where it is ever, a disk may go with its process too.
	laps task.Laps
	// shed is how far a source may be behind its end before it skips ahead; 0: as far as it likes.
	shed int64
	// extra is done when the output is complete, before the workers retire; nil for nothing.
	extra func(ctx context.Context)

	mu     sync.Mutex
	failed []string
	filled int // tasks that were restored from a snapshot, or a lap
	warmed int // tasks that a worker had warmed up for
	saved  int // savepoints that were finished
	moved  int // jobs that began from one
	lost   int // disks
}

func (w *world) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = append(w.failed, fmt.Sprintf(format, args...))
}

// game is what is played in a world: a job, and what it must make of its input.
type game func(w *world, ctx context.Context) outcome

// run plays a seed with the job that is fed.
func run(t *testing.T, seed uint64, plan Plan) outcome {
	t.Helper()
	return runGame(t, seed, plan, bugs{}, (*world).play)
}

// runGame plays a seed in a bubble, again when that says nothing.
func runGame(t *testing.T, seed uint64, plan Plan, b bugs, g game) outcome {
	t.Helper()
	for range stallsMax {
		var o outcome
		switch moved := inBubble(t, func(t *testing.T) { t.Helper(); o = play(t, seed, plan, b, g) }); {
		case !moved:
			t.Logf("seed %d: fake time stood still over a producer's id; played again", seed)
		case o.waiting:
			t.Logf("seed %d: the broker let every worker wait for its group; played again", seed)
		default:
			return o
		}
	}
	t.Logf("seed %d: nothing was seen in %d runs", seed, stallsMax)
	return outcome{unseen: true}
}

func play(t *testing.T, seed uint64, plan Plan, b bugs, g game) outcome {
	t.Helper()
	var network kfake.VirtualNetwork
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(partitions, inputTopic, copyTopic, countsTopic)}
	if seed%2 == 1 { // a broker before transaction version 2
		opts = append(opts, kfake.MaxVersions(kversion.V3_6_0()))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	logs := &locked.Buffer{}
	begin := time.Now()
	w := &world{
		seed: seed, net: New(plan, network.DialContext), schedule: plan.Schedule, restart: plan.Restart,
		options: clientOptions(cluster.ListenAddrs()), plants: b.worker, delivery: b.delivery,
	}
	w.options.Plants = b.kafka
	w.log = &restoresSeen{world: w, Handler: slog.NewTextHandler(logs, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Duration("t", a.Value.Time().Sub(begin))
		}
		return a
	}})}
	w.client = []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(w.net.DialContext), kgo.DisableClientMetrics()}
	o := g(w, t.Context())
	cluster.Close()
	w.net.Wait()
	o.took, o.net, o.warmed = time.Since(begin), w.net, w.warmed
	o.log = logs.String()
	return o
}

// play feeds the input while workers work.
func (w *world) play(ctx context.Context) outcome {
	w.job, w.era = job(), era{epoch: firstEpoch, parallel: partitions}
	if w.delivery == "" {
		w.delivery = deliveryOf(w.seed)
	}
	load := newWorkload(w.seed)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.running.Go(func() {
		if err := load.feed(ctx, w.client, w.seed); err != nil && ctx.Err() == nil {
			w.fail("feed: %v", err)
		}
	})
	return w.watch(ctx, cancel, load)
}

// watch lets the schedule happen, and looks at the output. It ends everything that runs.
func (w *world) watch(ctx context.Context, cancel func(), load *workload) (o outcome) {
	places := make([]*process, workersMax)
	for n := range places {
		places[n] = w.place(n)
	}
	scheduled := make(chan struct{})
	w.running.Go(func() {
		defer close(scheduled)
		w.follow(ctx, places)
	})
	const patience = 3 * time.Minute
	got, err := load.gather(ctx, w.client, patience, load.quiet(w.delivery))
	if err != nil {
		w.fail("collect: %v", err)
	}
	if err == nil && load.unfinished(w.delivery, got) {
		o.stood = stacks()
		o.waiting = w.groupStands(ctx)
	}
	if w.extra != nil {
		w.extra(ctx)
	}
	<-scheduled
	for _, p := range slices.Backward(places) { // the first worker goes last
		p.retire()
	}
	cancel()
	w.running.Wait()
	o.fed, o.copied, o.doubled = load.total, len(got.copies), got.doubled()
	if v := load.judge(w.delivery, got); v != "" {
		w.fail("%s", v)
	}
	for _, p := range places {
		o.crashes, o.gaveUp = o.crashes+p.crashes, o.gaveUp+p.gaveUp
	}
	o.wrong = strings.Join(w.failed, "; ")
	return o
}

// groupStands says whether the broker lets the group's members wait: some time all of them wait for the answer to a JoinGroup, as far as none of
// them is just trying again, and all the time nobody gets one.
func (w *world) groupStands(ctx context.Context) bool {
	const looks, pause = 60, 500 * time.Millisecond
	all, before := false, w.net.Requests()[kmsg.SyncGroup]
	for range looks {
		all = all || allWaitToJoin(stacks())
		sleep(ctx, pause)
	}
	return all && w.net.Requests()[kmsg.SyncGroup] == before
}

// follow does what the schedule says. It never waits for a worker to end.
func (w *world) follow(ctx context.Context, places []*process) {
	begin := time.Now()
	up := map[int]bool{}
	for _, e := range w.schedule {
		sleep(ctx, e.At-time.Since(begin))
		switch e.Verb {
		case Start:
			up[e.Worker] = true
			places[e.Worker].start(ctx)
		case Stop:
			up[e.Worker] = false
			places[e.Worker].stop()
		case Cut:
			w.net.Away(e.For)
		case Slow:
			w.net.Slow(e.By, e.For)
		case Save:
			if w.save(ctx, false) != "" {
				w.saved++
			}
		case Drain:
			w.drain(ctx)
		case Move:
			w.move(ctx, e.Parallel)
			for n, p := range places {
				if up[n] {
					p.stop()
					p.start(ctx)
				}
			}
		}
	}
}
