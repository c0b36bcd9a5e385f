package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/bench/report"
	"github.com/millrace/millrace/runtime/nexmark"
)

// latencyWatermark is how far watermarks lag when latency is measured: all engines' rows of windows are that old at least.
const latencyWatermark = time.Second

// timing runs engines at a fixed rate.
type timing struct {
	*settings
	peers        string
	rate         int64
	warm, length time.Duration
}

// timedRun is one run to do.
type timedRun struct {
	query    answer.Query
	engine   *engine.Engine
	interval time.Duration
}

func latency(ctx context.Context, args []string) error {
	t := &timing{settings: newSettings("latency", "q1,q12", 0)}
	t.flags.StringVar(&t.peers, "peers", "flink,kstreams", "engines besides Millrace: flink, flink-rocksdb, kstreams, kstreams-memory")
	const rate, warm, length = 20_000, 20 * time.Second, 40 * time.Second
	t.flags.Int64Var(&t.rate, "rate", rate, "bids a second")
	t.flags.DurationVar(&t.warm, "warm", warm, "how long an engine runs before rows are timed")
	t.flags.DurationVar(&t.length, "length", length, "how long rows are timed")
	if err := t.parse(args); err != nil {
		return err
	}
	asked, err := t.list()
	if err != nil {
		return err
	}
	engines, err := engine.Named(t.paths, t.peers)
	if err != nil {
		return err
	}
	var todo []timedRun
	for _, q := range asked {
		for _, e := range engines {
			if !timeable(e, q) {
				continue
			}
			for _, interval := range e.LatencyIntervals {
				todo = append(todo, timedRun{q, e, interval})
			}
		}
	}
	fmt.Printf("bench: %d runs at %d bids a second: about %.0f minutes, after building.\n", len(todo), t.rate,
		(time.Duration(len(todo)) * (t.warm + t.length + 2*time.Second)).Minutes())
	if err := engine.PrepareAll(ctx, engines); err != nil {
		return err
	}
	return t.all(ctx, todo)
}

// timeable says whether the age of an engine's rows on a query can be told: an engine that updates windows emits them long
// before their end.
func timeable(e *engine.Engine, q answer.Query) bool {
	return e.Has(q.Name) && len(e.LatencyIntervals) > 0 && (q.WindowStart < 0 || !e.Updates)
}

func (t *timing) all(ctx context.Context, todo []timedRun) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what is left is in the temporary folder
	var done []report.Latency
	var faults []error
	r, err := report.Read(t.out)
	if err != nil {
		return err
	}
	for _, x := range todo {
		r.Titles[x.engine.Name] = x.engine.Title
		d, err := t.once(ctx, s, x)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			line, _, _ := strings.Cut(err.Error(), "\n")
			fmt.Printf("%-4s %-16s FAILED: %v\n", x.query.Name, x.engine.Name, err)
			faults = append(faults, fmt.Errorf("%s, %s: %s", x.query.Name, x.engine.Name, line))
			continue
		}
		l := report.Latency{
			Query: x.query.Name, Engine: x.engine.Name, CommitIntervalMillis: x.interval.Milliseconds(), EventsPerSecond: t.rate,
			P50: d.P50, P99: d.P99, P999: d.P999, Cores: d.Cores, Rows: d.Rows,
			Date: time.Now().UTC().Format(time.DateOnly), Millis: latencyWatermark.Milliseconds(),
		}
		fmt.Printf("%-4s %-16s commits every %4d ms: p50 %5.0f ms  p99 %5.0f ms  p99.9 %5.0f ms  %.2f cores  %d rows\n", l.Query, l.Engine,
			l.CommitIntervalMillis, l.P50, l.P99, l.P999, l.Cores, l.Rows)
		done = append(done, l)
	}
	r.Latency = done
	if r.Machine == "" {
		r.Machine = machine(ctx)
	}
	return errors.Join(append(faults, r.Write(t.out, ""))...)
}

func (t *timing) once(ctx context.Context, s *stage, x timedRun) (measure.Delays, error) {
	generator, err := nexmark.New(nexmark.Config{})
	if err != nil {
		return measure.Delays{}, err
	}
	task, err := s.task(t.settings, x.engine, x.query, dataset{partitions: t.partitions})
	if err != nil {
		return measure.Delays{}, err
	}
	task.Run.CommitInterval, task.Run.Watermark = x.interval, latencyWatermark
	column := "dateTime"
	if x.query.WindowStart >= 0 {
		column = "endtime"
	}
	d, err := s.broker.Time(ctx, measure.Beat{
		Engine: x.engine, Run: task.Run, Partitions: t.partitions, Rate: t.rate, Column: column, Warm: t.warm, Length: t.length,
		Record: func(n int64, now time.Time) []byte {
			event := generator.Event(nexmark.Bid.Position(n))
			event.Millis = now.UnixMilli()
			return generator.AppendJSON(make([]byte, 0, averageBidBytes), event)
		},
	})
	return d, errors.Join(err, os.RemoveAll(task.Run.Folder))
}
