package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/millrace/millrace/test/chaos/proxy"
	"github.com/millrace/millrace/test/kafka"
)

// run is one run with all its parts.
type run struct {
	*settings
	folder    string
	out       io.Writer
	node      node
	proxy     *proxy.Proxy
	within    *proxy.Proxy
	crew      *crew
	conductor *conductor
	feeder    *feeder
	reader    *reader
	ledger    *ledger
	start     time.Time
	drained   time.Duration // from the last fault and the last row to the last result; 0: it never came

	talk sync.Mutex
}

// newRun starts Kafka, makes the topics and compiles the job.
func newRun(ctx context.Context, s *settings, out io.Writer) (*run, error) {
	folder, err := os.MkdirTemp("", "millrace-chaos-")
	if err != nil {
		return nil, err
	}
	r := &run{settings: s, folder: folder, out: out, ledger: newLedger()}
	if err := r.prepare(ctx); err != nil {
		return nil, errors.Join(err, r.node.stop(), os.RemoveAll(folder))
	}
	return r, nil
}

func (r *run) prepare(ctx context.Context) (err error) {
	if _, err := os.Stat(r.worker); err != nil {
		return fmt.Errorf("the worker is not built: %w", err)
	}
	if err := os.WriteFile(filepath.Join(r.folder, "plan"), fmt.Appendf(nil, "# seed %d, for %v\n%s", r.seed, r.length, r.plan), 0o600); err != nil {
		return err
	}
	if err := writePlan(filepath.Join(r.folder, "plan.json")); err != nil {
		return err
	}
	data := filepath.Join(r.folder, "kafka")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	if r.proxy, err = proxy.Listen(ctx); err != nil {
		return err
	}
	if r.within, err = proxy.Listen(ctx); err != nil {
		return err
	}
	r.node.broker, err = kafka.Run(ctx, data, os.Stderr, kafka.Behind(r.proxy.Address()), kafka.Within(r.within.Address()))
	if err != nil {
		return err
	}
	direct := r.node.broker.Address()
	r.crew = &crew{settings: r.settings, folder: r.folder, broker: r.proxy.Address(), say: r.say}
	r.conductor = &conductor{crew: r.crew, node: &r.node, proxy: r.proxy, within: r.within, say: r.tell}
	r.feeder = &feeder{broker: direct, load: newWorkload(r.seed, r.rate)}
	r.reader = &reader{broker: direct, ledger: r.ledger}
	return nil
}

// play runs the plan under load, and judges.
func (r *run) play(ctx context.Context) error {
	_, _ = fmt.Fprintf(r.out, "chaos: seed %d, %d rows a second for %v, %d faults (%s)\nlogs and the plan: %s\n", r.seed, r.rate, r.length,
		len(r.plan), r.plan.Count(), r.folder)
	hard, cancel := context.WithCancel(ctx)
	var between sync.WaitGroup
	between.Go(func() { _ = r.proxy.Run(hard, r.node.broker.Behind()) })
	between.Go(func() { _ = r.within.Run(hard, r.node.broker.Within()) })
	err := makeTopics(ctx, r.node.broker.Address())
	if err == nil {
		err = r.watched(hard)
	}
	cancel()
	between.Wait()
	if err = errors.Join(err, ctx.Err()); err == nil {
		err = r.judge(ctx)
	}
	return r.close(err)
}

// watched goes through it while the output is read and people are told how things are.
func (r *run) watched(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var around sync.WaitGroup
	var reading error
	r.start = time.Now()
	r.reader.begin, r.reader.last = r.start, r.start
	around.Go(func() {
		if reading = r.reader.read(ctx); reading != nil {
			cancel() // nothing can be judged any more
		}
	})
	if !r.quiet {
		around.Go(func() { r.report(ctx) })
	}
	err := r.through(ctx)
	r.crew.end(context.WithoutCancel(ctx))
	const rest = time.Second // what the last commits have written is read as well
	sleep(ctx, rest)
	cancel()
	around.Wait()
	return errors.Join(err, reading)
}

// through feeds and breaks, and waits until all that was fed has come out, or patience ends.
func (r *run) through(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var feeding sync.WaitGroup
	var fed error
	feeding.Go(func() {
		if fed = r.feeder.feed(ctx, r.length); fed != nil {
			cancel()
		}
	})
	played := r.conductor.play(ctx, r.plan)
	if played != nil {
		cancel()
	}
	feeding.Wait()
	if err := errors.Join(fed, played); err != nil {
		return err
	}
	r.say("the last fault is over, the last row fed")
	r.drain(ctx)
	return nil
}

// drain waits for the output to be complete, and a little longer.
func (r *run) drain(ctx context.Context) {
	const quiet, look = 3 * time.Second, 100 * time.Millisecond
	load := r.feeder.load
	for begin := time.Now(); time.Since(begin) < r.patience; {
		rows, fired := r.ledger.seen()
		if rows >= load.rows && fired >= int64(len(load.counts)) {
			if r.drained == 0 {
				r.drained = time.Since(begin)
				r.reader.end()
			}
			if r.reader.silence() > quiet {
				return
			}
		}
		if !sleep(ctx, look) {
			return
		}
	}
	if r.drained == 0 {
		r.say("the output is not complete after %v", r.patience)
	}
}

// say writes a line with its time.
func (r *run) say(format string, args ...any) {
	r.talk.Lock()
	defer r.talk.Unlock()
	_, _ = fmt.Fprintf(r.out, "%7.1fs  %s\n", time.Since(r.start).Seconds(), fmt.Sprintf(format, args...))
}

// tell is say for what everybody knows who has the plan.
func (r *run) tell(format string, args ...any) {
	if !r.quiet {
		r.say(format, args...)
	}
}

// report says every few seconds how things are.
func (r *run) report(ctx context.Context) {
	for sleep(ctx, statusEvery) {
		rows, fired := r.ledger.seen()
		workers, running, kills, restarts := r.crew.figures()
		r.say("rows in %d  out %d  windows %d  faults %d  workers %d of %d  kills %d  restarts %d  silent %.1f s", r.feeder.taken.Load(), rows, fired,
			r.conductor.so(), running, workers, kills, restarts, r.reader.silence().Seconds())
	}
}
