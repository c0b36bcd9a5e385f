package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/millrace/millrace/bench/measure"
)

const (
	// A process that ends by itself is started again after leastPause, and after twice as long each time, up to
	// mostPause, unless it has worked for settled.
	leastPause = 500 * time.Millisecond
	mostPause  = 8 * time.Second
	settled    = 10 * time.Second
	// stopPatience is how long a worker may take to end when it is told to: what Kubernetes gives it.
	stopPatience = 30 * time.Second
)

// crew is the workers of the job. Its methods are safe for concurrent use.
type crew struct {
	settings *settings
	folder   string
	broker   string // where workers find it
	say      func(format string, args ...any)

	mu       sync.Mutex
	workers  map[int]*worker
	last     map[int]*worker // who has or had each place
	places   sync.WaitGroup
	kills    int
	restarts int
	findings []string
}

// scale brings the crew to so many workers: the ordinals below it.
func (c *crew) scale(ctx context.Context, n int) {
	c.mu.Lock()
	if c.workers == nil {
		c.workers, c.last = map[int]*worker{}, map[int]*worker{}
	}
	for ordinal := range n {
		if c.workers[ordinal] == nil {
			c.workers[ordinal] = c.place(ctx, ordinal)
		}
	}
	for ordinal, w := range c.workers {
		if ordinal >= n {
			delete(c.workers, ordinal)
			w.cancel()
		}
	}
	c.mu.Unlock()
}

// place makes a worker and keeps it running until it is cancelled. The caller holds the lock.
func (c *crew) place(ctx context.Context, ordinal int) *worker {
	name := "worker" + strconv.Itoa(ordinal)
	w := &worker{ordinal: ordinal, log: filepath.Join(c.folder, name+".log"), disk: filepath.Join(c.folder, name), before: c.last[ordinal], gone: make(chan struct{})}
	c.last[ordinal] = w
	w.args = []string{
		c.settings.worker, "--plan", filepath.Join(c.folder, "plan.json"), "--brokers", c.broker, "--prefix", prefix, "--epoch", "1",
		"--ordinal", strconv.Itoa(ordinal), "--http", "",
	}
	if ordinal%2 == 1 {
		w.args = append(w.args, "--state-backend", "memory")
	} else {
		w.args = append(w.args, "--state-backend", "pebble", "--state-dir", w.disk)
	}
	if c.settings.copies > 0 {
		w.args = append(w.args, "--snapshots", "file://"+filepath.Join(c.folder, "snapshots"), "--snapshot-interval", c.settings.copies.String())
	}
	w.args = append(w.args, c.settings.args...)
	ctx, w.cancel = context.WithCancel(ctx)
	c.places.Go(func() { c.keep(ctx, w) })
	return w
}

// keep runs one process after the other until ctx ends.
func (c *crew) keep(ctx context.Context, w *worker) {
	defer close(w.gone)
	if w.before != nil {
		<-w.before.gone // a StatefulSet starts no pod beside the one that it replaces
		w.before = nil
	}
	pause := leastPause
	for ctx.Err() == nil {
		begin := time.Now()
		p, at, err := w.start()
		if err != nil {
			c.find("worker %d does not start: %v", w.ordinal, err)
			return
		}
		select {
		case <-ctx.Done():
			c.retire(w, p, at)
			return
		case <-p.Ended():
		}
		if k := w.ended(); k != nil {
			if k.wipe {
				_ = os.RemoveAll(w.disk)
			}
			sleep(ctx, k.pause)
			continue
		}
		if time.Since(begin) > settled {
			pause = leastPause
		}
		e := w.lastWords(p, at)
		c.say("worker %d ended: %s", w.ordinal, e)
		if !e.expected() {
			c.find("worker %d ended: %s", w.ordinal, e)
		}
		c.mu.Lock()
		c.restarts++
		c.mu.Unlock()
		sleep(ctx, pause)
		pause = min(2*pause, mostPause)
	}
}

// retire ends a process in good order.
func (c *crew) retire(w *worker, p *measure.Process, at int64) {
	begin := time.Now()
	p.Stop(stopPatience)
	if w.ended() != nil {
		return
	}
	if took := time.Since(begin); took >= stopPatience {
		c.say("worker %d did not end within %v and was killed", w.ordinal, stopPatience)
		return
	}
	if e := w.lastWords(p, at); e.kind != "" && !e.expected() {
		c.find("worker %d ended: %s", w.ordinal, e)
	}
}

// of returns a worker; nil where the crew has none of that number now.
func (c *crew) of(ordinal int) *worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.workers[ordinal]
}

// kill kills a worker's process. A worker that has none now is dead already.
func (c *crew) kill(ordinal int, k killing) {
	if w := c.of(ordinal); w != nil && w.kill(k) {
		c.mu.Lock()
		c.kills++
		c.mu.Unlock()
	}
}

// stop keeps a worker's process from running for a while.
func (c *crew) stop(ctx context.Context, ordinal int, length time.Duration) {
	if w := c.of(ordinal); w != nil {
		w.stop(ctx, length)
	}
}

// mostFindings bounds what is kept: a worker that cannot start says so again and again.
const mostFindings = 10

// find notes what must not happen, once.
func (c *crew) find(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := fmt.Sprintf(format, args...); len(c.findings) < mostFindings && !slices.Contains(c.findings, f) {
		c.findings = append(c.findings, f)
	}
}

// figures returns what has happened so far.
func (c *crew) figures() (workers, running, kills, restarts int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.workers {
		w.mu.Lock()
		if w.process != nil {
			running++
		}
		w.mu.Unlock()
	}
	return len(c.workers), running, c.kills, c.restarts
}

// end ends all workers and waits for them.
func (c *crew) end(ctx context.Context) {
	c.scale(ctx, 0)
	c.places.Wait()
}
