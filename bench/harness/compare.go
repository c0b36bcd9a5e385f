package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
	"github.com/millrace/millrace/bench/report"
)

// comparison runs engines in turn.
type comparison struct {
	*settings
	peers, command, journal, readme, version string
	rounds                                   int
	resume                                   bool

	engines []*engine.Engine
	asked   []answer.Query
	runs    []report.Run
}

func compare(ctx context.Context, args []string) error {
	c := &comparison{settings: newSettings("compare", "q0,q1,q2,q5,q11,q12,q21,q22", 5_000_000)}
	c.flags.StringVar(&c.peers, "peers", "flink,kstreams", "engines besides Millrace: flink, flink-rocksdb, kstreams, kstreams-memory, spark")
	c.flags.IntVar(&c.rounds, "runs", 1, "rounds: in each every engine runs every query once, in another order")
	c.flags.StringVar(&c.journal, "journal", "bin/bench-runs.jsonl", "file that holds each run as it ends")
	c.flags.BoolVar(&c.resume, "resume", false, "go on from the journal: what it holds of the same setting is not run again")
	c.flags.StringVar(&c.readme, "readme", "README.md", "file whose table is replaced; empty: none")
	c.flags.StringVar(&c.command, "command", "make bench", "how to run this again")
	c.flags.StringVar(&c.version, "version", "dev", "Millrace's")
	if err := c.parse(args); err != nil {
		return err
	}
	var err error
	if c.asked, err = c.list(); err != nil {
		return err
	}
	if c.engines, err = engine.Named(c.paths, c.peers); err != nil {
		return err
	}
	c.announce()
	if err := engine.PrepareAll(ctx, c.engines); err != nil {
		return err
	}
	c.engines[0].Version = c.version
	if err := c.takeUp(); err != nil {
		return err
	}
	if err := c.measureAll(ctx); err != nil {
		return err
	}
	if err := c.write(ctx); err != nil {
		return err
	}
	return c.verdict()
}

// setting is what runs must have in common to be put together.
func (c *comparison) setting() string {
	return fmt.Sprintf("events=%d partitions=%d compression=%s version=%s", c.events, c.partitions, c.compression, c.version)
}

// secondsOf is about how long a run takes by a figure of two cores: starting, 5 million events, standing still, reading the output.
func secondsOf(e *engine.Engine, events int64) int64 {
	perMillion, fixed := int64(14), int64(15)
	if e.Name == "millrace" {
		perMillion, fixed = 2, 5
	}
	return fixed + perMillion*events/1_000_000
}

func (c *comparison) announce() {
	total := int64(20)
	names := make([]string, 0, len(c.engines))
	for _, e := range c.engines {
		names = append(names, e.Name)
		total += secondsOf(e, c.events) * int64(len(c.asked)*c.rounds)
	}
	fmt.Printf("bench: %s on %s, %d million bids, %d rounds: about %d minutes on two quiet cores, after building.\n", strings.Join(names, ", "),
		c.queries, c.events/1_000_000, c.rounds, (total+59)/60)
}

// takeUp reads the journal, or begins a new one.
func (c *comparison) takeUp() error {
	if !c.resume {
		if err := os.Remove(c.journal); err != nil && !os.IsNotExist(err) {
			return err
		}
		return nil
	}
	runs, err := report.Runs(c.journal)
	c.runs = slices.DeleteFunc(runs, func(r report.Run) bool { return r.Setting != c.setting() || r.Fault != "" })
	return err
}

func (c *comparison) measureAll(ctx context.Context) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what is left is in the temporary folder
	data := dataset{bids: c.events, partitions: c.partitions}
	if err := data.load(ctx, s.broker, c.compression, os.Stderr); err != nil {
		return err
	}
	for round := range c.rounds {
		for _, q := range c.asked {
			order := slices.Clone(c.engines)
			if round%2 == 1 {
				slices.Reverse(order)
			}
			for _, e := range order {
				if !e.Has(q.Name) || c.done(q, e, round) {
					continue
				}
				if err := c.once(ctx, s, q, e, data, round); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *comparison) done(q answer.Query, e *engine.Engine, round int) bool {
	return slices.ContainsFunc(c.runs, func(r report.Run) bool { return r.Query == q.Name && r.Engine == e.Name && r.Round == round })
}

// once does one run. An engine that fails, or computes something else, does not keep the others from running: it is said now,
// written down, and the command fails at its end.
func (c *comparison) once(ctx context.Context, s *stage, q answer.Query, e *engine.Engine, data dataset, round int) error {
	t, err := s.task(c.settings, e, q, data)
	if err != nil {
		return err
	}
	r := report.Run{Setting: c.setting(), Query: q.Name, Engine: e.Name, Round: round}
	r.Outcome, err = s.broker.Measure(ctx, t)
	if err == nil {
		err = c.same(r)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		r.Fault = err.Error()
		fmt.Printf("%-4s %-16s FAILED: %v\n", q.Name, e.Name, err)
	default:
		fmt.Printf("%-4s %-16s %9.0f events per CPU-second (whole run %9.0f)  %9.0f events/s  %5d MiB  first result %5.2f s  %s\n", q.Name, e.Name,
			r.EventsPerCPUSecond, r.EventsPerCPUSecondWhole, r.EventsPerSecond, r.PeakRSSBytes>>20, r.FirstResultSeconds, r.Answer())
	}
	c.runs = append(c.runs, r)
	if err := os.RemoveAll(t.Run.Folder); err != nil {
		return err
	}
	return r.Append(c.journal)
}

// same compares an answer with the first one of the query.
func (c *comparison) same(r report.Run) error {
	for _, other := range c.runs {
		if other.Query == r.Query && other.Fault == "" && other.Answer() != r.Answer() {
			return fmt.Errorf("WRONG ANSWER: %s has %v, %s has %v", r.Engine, r.Answer(), other.Engine, other.Answer())
		}
	}
	return nil
}

// write puts the report together; what other commands measured stays in it.
func (c *comparison) write(ctx context.Context) error {
	r, err := report.Read(c.out)
	if err != nil {
		return err
	}
	r.Results = nil
	r.Date, r.Machine, r.Command = time.Now().UTC().Format(time.DateOnly), machine(ctx), c.command
	r.Settings = fmt.Sprintf("%d bids as JSON in %d partitions, compression %s for input and all output, %d threads an engine, %d rounds; Millrace %s",
		c.events, c.partitions, c.compression, cores, c.rounds, c.version)
	for _, q := range c.asked {
		r.Titles[q.Name] = q.Title
		for _, e := range c.engines {
			r.Titles[e.Name] = e.Title
			own := slices.DeleteFunc(slices.Clone(c.runs), func(x report.Run) bool { return x.Query != q.Name || x.Engine != e.Name })
			if len(own) == 0 {
				continue
			}
			guarantee := "exactly once"
			if e.AtLeastOnce {
				guarantee = "at least once"
			}
			r.Results = append(r.Results, report.Put(report.Result{
				Query: q.Name, Engine: e.Name, EngineVersion: e.Version, Guarantee: guarantee,
				CommitIntervalMillis: e.CommitInterval.Milliseconds(), Events: c.events,
			}, own))
		}
	}
	return r.Write(c.out, c.readme)
}

// verdict is the error of a comparison in which something failed.
func (c *comparison) verdict() error {
	var faults []error
	for _, r := range c.runs {
		if r.Fault != "" {
			line, _, _ := strings.Cut(r.Fault, "\n")
			faults = append(faults, fmt.Errorf("%s, %s, round %d: %s", r.Query, r.Engine, r.Round, line))
		}
	}
	return errors.Join(faults...)
}
