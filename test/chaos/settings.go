package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/millrace/millrace/test/chaos/plan"
)

// settings are the flags.
type settings struct {
	seed     uint64
	length   time.Duration
	rate     int64
	worker   string
	args     []string // more of the worker's
	plan     plan.Plan
	patience time.Duration
	copies   time.Duration // how often state is copied; 0: never
	quiet    bool
}

const (
	defaultLength   = 10 * time.Minute
	defaultRate     = 20_000
	defaultPatience = 2 * time.Minute
	defaultCopies   = 5 * time.Second
	statusEvery     = 5 * time.Second
)

func parse(args []string) (*settings, error) {
	s := &settings{}
	f := flag.NewFlagSet("chaos", flag.ContinueOnError)
	f.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano())%1_000_000, "of the rows and of the plan")
	f.DurationVar(&s.length, "for", defaultLength, "how long rows are fed and faults begin")
	f.Int64Var(&s.rate, "rate", defaultRate, "rows a second")
	f.StringVar(&s.worker, "worker", "bin/worker", "the worker's binary")
	more := f.String("worker-args", "", "more arguments of the worker, parted by spaces")
	file := f.String("plan", "", "file with the plan; empty: drawn from the seed")
	f.DurationVar(&s.patience, "patience", defaultPatience, "how long the output may take to be complete after the last fault")
	f.DurationVar(&s.copies, "snapshot-interval", defaultCopies, "time between two snapshots of a task's state, in a folder; 0: none are taken")
	f.BoolVar(&s.quiet, "quiet", false, "say nothing while it runs but what workers die of")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if s.rate < 1 || s.length < time.Second {
		return nil, fmt.Errorf("%d rows a second for %v are no load", s.rate, s.length)
	}
	s.args = strings.Fields(*more)
	s.plan = plan.Draw(s.seed, s.length)
	if *file == "" {
		return s, nil
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return nil, err
	}
	if s.plan, err = plan.Parse(string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", *file, err)
	}
	s.plan = s.plan.Until(s.length)
	return s, nil
}
