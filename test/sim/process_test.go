package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/worker"
)

// memoryOneIn of the seeds keep their state in memory.
const memoryOneIn = 4

// process is a worker's place, empty at first: while it is taken it runs a worker, and another one with what is left of
// the disk when that has died. The disk stays when the place is given up.
type process struct {
	*world
	ordinal int
	memory  bool // state is kept in memory, and dies with the worker

	mu      sync.Mutex
	disk    *vfs.MemFS
	crashes int
	gaveUp  int // ended by itself
	leave   context.CancelFunc
	done    chan struct{} // closed when the last one who took it has left
}

func (w *world) place(ordinal int) *process {
	done := make(chan struct{})
	close(done)
	return &process{
		world: w, ordinal: ordinal, memory: roll(w.seed, "store").IntN(memoryOneIn) == 0, disk: vfs.NewCrashableMem(), done: done,
		leave: func() {},
	}
}

// start takes the place once it is free.
func (p *process) start(ctx context.Context) {
	ctx, leave := context.WithCancel(ctx)
	before, done := p.done, make(chan struct{})
	p.leave, p.done = leave, done
	p.running.Go(func() {
		defer close(done)
		<-before
		for ctx.Err() == nil {
			p.mu.Lock()
			n := p.crashes
			p.mu.Unlock()
			if p.live(ctx, n) {
				sleep(ctx, time.Second)
				continue
			}
			r := p.restart(p.ordinal, n)
			if r.DiskLost {
				p.mu.Lock()
				p.disk = vfs.NewCrashableMem()
				p.mu.Unlock()
				p.world.mu.Lock()
				p.lost++
				p.world.mu.Unlock()
			}
			sleep(ctx, r.After)
		}
	})
}

// live runs one worker until it ends by itself or is told to (true), or dies.
func (p *process) live(ctx context.Context, n int) bool {
	life, die := context.WithCancel(context.WithoutCancel(ctx))
	dead := make(chan struct{})
	p.mu.Lock()
	disk := p.disk
	p.mu.Unlock()
	line := p.net.Line(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.crashes++
		p.disk = p.left(disk, n)
		close(dead)
	})
	finished := make(chan struct{})
	p.running.Go(func() {
		defer close(finished)
		if err := p.work(life, disk, line); err != nil && !line.isDead() {
			p.failed(err)
		}
	})
	select {
	case <-dead: // what is left of the goroutine winds up by itself: it has no network any more
		die()
		return false
	case <-ctx.Done():
		die()
		select {
		case <-finished:
		case <-dead:
		}
	case <-finished:
		die()
	}
	return true
}

// failed judges how a process ended. One that was fenced, or has lost its brokers at its start, is started again by whoever
// watches over it, and so is one that has waited long for worker 0 to make the topics of a new job; any other error says that something is
// wrong.
func (p *process) failed(err error) {
	early := p.ordinal > 0 && errors.Is(err, kerr.UnknownTopicOrPartition)
	if kind := fault.KindOf(err); kind != fault.Fenced && kind != fault.Transient && !early {
		p.fail("worker %d: %v", p.ordinal, err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gaveUp++
}

func (p *process) backend(disk *vfs.MemFS, epoch int64) (state.Backend, error) {
	if p.memory {
		return memory.New(), nil
	}
	const budgetBytes = 4 << 20
	return pebblestore.Open("state", disk, budgetBytes, pebblestore.Stamp{Job: prefix, StateEpoch: epoch}, slog.New(p.log))
}

func (p *process) work(ctx context.Context, disk *vfs.MemFS, line *Line) error {
	era := p.now()
	plan, err := era.plan(p.job)
	if err != nil {
		return err
	}
	backend, err := p.backend(disk, era.epoch)
	if err != nil {
		return err
	}
	options := p.options
	options.Dial, options.ClientID = line.DialContext, fmt.Sprintf("w%d", p.ordinal)
	cfg := worker.Config{
		Plan: plan, Topics: era.topics(), Epoch: era.epoch, Ordinal: p.ordinal, MaxOrdinal: workersMax - 1,
		Kafka: options, Backend: backend, CommitInterval: commitEvery, TrimInterval: trimEvery, Laps: p.laps, ShedLagRecords: p.shed, Plants: p.plants, Delivery: p.delivery,
		WarmUpLeastBytes: 1, // so that tasks move warm, where they have committed anything
		Logger:           slog.New(p.log),
	}
	if p.blobs != nil {
		cfg.Snapshots = worker.Snapshots{Blobs: &storeLine{Blobs: p.blobs, line: line, world: p.world}, Interval: copyEvery, LeastChangedBytes: 1, FileBytes: 64}
	}
	if p.savepoints != nil {
		cfg.Savepoints = worker.Savepoints{Blobs: &storeLine{Blobs: p.savepoints, line: line, world: p.world}, Files: parquet.Files{}, RestoreFrom: era.from}
	}
	w, err := worker.New(cfg)
	if err == nil {
		err = w.Run(ctx)
	}
	if e := backend.Close(); err == nil {
		err = e
	}
	return err
}

// stop gives the place up, in good order, and does not wait.
func (p *process) stop() { p.leave() }

// retire gives it up and waits.
func (p *process) retire() {
	p.leave()
	<-p.done
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// options of all clients: little patience, so that a plan can exhaust it.
const requestRetries = 2

func clientOptions(brokers []string) kafka.Options {
	return kafka.Options{
		Brokers: brokers, RequestRetries: requestRetries,
		RetryBackoff: func(int) time.Duration { return 100 * time.Millisecond },
	}
}
