package sim

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/worker"
)

// process is a worker's place: it starts a worker, and another one with what is left of the disk when that has died.
type process struct {
	*world
	ordinal int

	mu      sync.Mutex
	disk    *vfs.MemFS
	crashes int
	stop    context.CancelFunc // ends the place in good order
	done    chan struct{}
}

func (w *world) start(ctx context.Context, ordinal int) *process {
	ctx, stop := context.WithCancel(ctx)
	p := &process{world: w, ordinal: ordinal, disk: vfs.NewCrashableMem(), stop: stop, done: make(chan struct{})}
	w.running.Go(func() {
		defer close(p.done)
		for n := 0; ctx.Err() == nil; n++ {
			if p.live(ctx, n) {
				return
			}
			r := roll(w.seed, "restart", ordinal, n)
			sleep(ctx, time.Duration(50+r.IntN(2000))*time.Millisecond)
		}
	})
	return p
}

// live runs one worker until it ends (true) or dies.
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
		p.disk = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(p.seed, uint64(p.ordinal<<16+n)))})
		close(dead)
	})
	finished := make(chan struct{})
	p.running.Go(func() {
		defer close(finished)
		if err := p.work(life, disk, line); err != nil && !line.isDead() {
			p.fail("worker %d: %v", p.ordinal, err)
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

func (p *process) work(ctx context.Context, disk *vfs.MemFS, line *Line) error {
	const budgetBytes = 4 << 20
	backend, err := pebblestore.Open("state", disk, budgetBytes, pebblestore.Stamp{Job: prefix, StateEpoch: firstEpoch}, slog.New(p.log))
	if err != nil {
		return err
	}
	options := p.options
	options.Dial, options.ClientID = line.DialContext, fmt.Sprintf("w%d", p.ordinal)
	cfg := worker.Config{
		Plan: p.job, Topics: physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}, Epoch: firstEpoch, Ordinal: p.ordinal, MaxOrdinal: 1,
		Kafka: options, Backend: backend, CommitInterval: commitEvery, Plants: p.plants,
		Logger: slog.New(p.log),
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

// retire ends the place in good order and waits for it.
func (p *process) retire() {
	p.stop()
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
