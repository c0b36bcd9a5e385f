package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"
)

// settings are what is measured.
type settings struct {
	program       string
	jobs, foreign int
	idle          time.Duration
	patience      time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.program, "operator", "bin/operator", "the operator's binary")
	flag.IntVar(&s.jobs, "jobs", 500, "StreamJobs")
	flag.IntVar(&s.foreign, "foreign", 5000, "pods of others")
	flag.DurationVar(&s.idle, "idle", time.Minute, "how long to look at an operator that has nothing to do")
	flag.DurationVar(&s.patience, "patience", 20*time.Minute, "how long a step may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-operator:", err)
		os.Exit(1) //nolint:gocritic // the context's end is the process's
	}
}

func (s *settings) run(ctx context.Context) (err error) {
	fmt.Fprintf(os.Stderr, "%d jobs and %d pods of others on an API server of this machine: some minutes\n", s.jobs, s.foreign)
	k, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	var o *operator
	defer func() { o.stop() }()
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "step\ttime\tCPU\tresident\tpasses\treads\twrites") // an error comes with Flush
	for _, one := range s.steps(k) {
		fmt.Fprintln(os.Stderr, one.name)
		if one.restarted {
			o.stop()
			if o, err = startOperator(ctx, s.program, k.folder); err != nil {
				return err
			}
		}
		did, err := s.timed(ctx, o, one.do)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\n", one.name, did)
	}
	return out.Flush()
}

// step is a row of the table: something that happens, and what the operator has done when it is through with it.
type step struct {
	name      string
	restarted bool // by an operator that has just been started
	do        func(ctx context.Context, o *operator) error
}

func (s *settings) steps(k *cluster) []step {
	calm := func(ctx context.Context, o *operator) error { return o.awaitCalm(ctx) }
	return []step{
		{"it starts on an empty cluster", true, calm},
		{fmt.Sprintf("%d pods of others come", s.foreign), false, func(ctx context.Context, o *operator) error {
			return errors.Join(k.crowd(ctx, s.foreign), o.awaitCalm(ctx))
		}},
		{fmt.Sprintf("%d jobs are applied, until all run", s.jobs), false, func(ctx context.Context, o *operator) error {
			return errors.Join(k.apply(ctx, s.jobs), o.awaitRunning(ctx, s.jobs))
		}},
		{"they settle", false, calm},
		{fmt.Sprintf("%v without a change", s.idle), false, func(ctx context.Context, _ *operator) error { return sleep(ctx, s.idle) }},
		{"it starts again, until it has looked at each job", true, func(ctx context.Context, o *operator) error {
			return errors.Join(o.awaitRunning(ctx, s.jobs), o.awaitCalm(ctx))
		}},
		{"each job gets a second worker", false, func(ctx context.Context, o *operator) error {
			return errors.Join(k.scale(ctx, 2), k.awaitPods(ctx, 2*s.jobs), o.awaitRunning(ctx, s.jobs), o.awaitCalm(ctx))
		}},
		{"all are deleted, until they are gone", false, func(ctx context.Context, _ *operator) error { return k.remove(ctx) }},
	}
}

func (s *settings) timed(ctx context.Context, o *operator, do func(ctx context.Context, o *operator) error) (string, error) {
	before, err := o.look(ctx)
	if err != nil {
		return "", err
	}
	patient, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	if err := do(patient, o); err != nil {
		return "", err
	}
	now, err := o.look(ctx)
	if err != nil {
		return "", err
	}
	return now.since(before), nil
}

// sleep waits, and says why it stopped to.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
