package launch

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	donePoll = 20 * time.Millisecond
	// grace is what the last commit and the last rows may take after the user's interrupt.
	grace = 10 * time.Second
)

// work feeds, processes and collects, all at the same time, and prints the summary.
func (r *run) work(ctx context.Context) error {
	// The collectors outlive an interrupt, so that rows of the last commit still come out.
	collecting, stopCollecting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCollecting()
	outputs, collecting := errgroup.WithContext(collecting)
	for _, c := range r.collectors {
		outputs.Go(func() error { return c.Run(collecting) })
	}
	if err := r.process(ctx); err != nil {
		stopCollecting()
		return errors.Join(r.place(err), outputs.Wait())
	}
	if err := r.drain(collecting); err != nil {
		return err
	}
	if err := outputs.Wait(); err != nil {
		return err
	}
	r.succeeded = true
	r.display.Stop()
	r.summary()
	return nil
}

// process runs feeds and workers until all tasks of a bounded run are finished, or ctx ends. The first that fails ends
// the others.
func (r *run) process(ctx context.Context) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	group, working := errgroup.WithContext(working)
	group.Go(func() error { return r.feed(working) })
	for _, w := range r.workers {
		group.Go(func() error { return w.Run(working) })
	}
	group.Go(func() error {
		ticker := time.NewTicker(donePoll)
		defer ticker.Stop()
		for {
			select {
			case <-working.Done():
				return nil
			case <-ticker.C:
				if r.finished() {
					stop()
				}
			}
		}
	})
	return group.Wait()
}

// feed fills the inputs and says when that is done. The end of ctx is no error: what was fed by then counts.
func (r *run) feed(ctx context.Context) error {
	group, feeding := errgroup.WithContext(ctx)
	for _, f := range r.feeds {
		group.Go(func() error { return f.Run(feeding) })
	}
	err := group.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	if err == nil {
		close(r.fed)
	}
	return err
}

// finished says that every task of the job is at the end of its input.
func (r *run) finished() bool {
	done, total := 0, 0
	for _, w := range r.workers {
		s := w.Snapshot()
		done += s.FinishedTasks()
		total = max(total, s.Partitions)
	}
	return total > 0 && done >= total
}

// drain lets the collectors read to the end of what was committed.
func (r *run) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	for _, c := range r.collectors {
		ends, err := r.broker.ends(ctx, c.Topic())
		if err != nil {
			return err
		}
		c.StopAt(ends)
	}
	return nil
}
