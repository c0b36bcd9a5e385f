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
	var todo []report.Latency
	for _, q := range asked {
		for _, e := range engines {
			if !timeable(e, q) {
				continue
			}
			for _, interval := range e.LatencyIntervals {
				todo = append(todo, report.Latency{Query: q.Name, Engine: e.Name, CommitIntervalMillis: interval.Milliseconds(), EventsPerSecond: t.rate})
			}
		}
	}
	fmt.Printf("bench: %d runs at %d bids a second: about %.0f minutes, after building.\n", len(todo), t.rate,
		(time.Duration(len(todo)) * (t.warm + t.length + 2*time.Second)).Minutes())
	for _, e := range engines {
		if err := e.Prepare(ctx); err != nil {
			return err
		}
	}
	return t.all(ctx, todo, asked, engines)
}

// timeable says whether the age of an engine's rows on a query can be told: an engine that updates windows emits them long
// before their end.
func timeable(e *engine.Engine, q answer.Query) bool {
	return e.Has(q.Name) && len(e.LatencyIntervals) > 0 && (q.WindowStart < 0 || !e.Updates)
}

func (t *timing) all(ctx context.Context, todo []report.Latency, asked []answer.Query, engines []*engine.Engine) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what is left is in the temporary folder
	var done []report.Latency
	var faults []error
	for _, l := range todo {
		q := asked[slices.IndexFunc(asked, func(q answer.Query) bool { return q.Name == l.Query })]
		e := engines[slices.IndexFunc(engines, func(e *engine.Engine) bool { return e.Name == l.Engine })]
		d, err := t.once(ctx, s, q, e, time.Duration(l.CommitIntervalMillis)*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			line, _, _ := strings.Cut(err.Error(), "\n")
			fmt.Printf("%-4s %-16s FAILED: %v\n", q.Name, e.Name, err)
			faults = append(faults, fmt.Errorf("%s, %s: %s", q.Name, e.Name, line))
			continue
		}
		l.P50, l.P99, l.P999, l.Cores, l.Rows = d.P50, d.P99, d.P999, d.Cores, d.Rows
		l.Date, l.Millis = time.Now().UTC().Format(time.DateOnly), latencyWatermark.Milliseconds()
		fmt.Printf("%-4s %-16s commits every %4d ms: p50 %5.0f ms  p99 %5.0f ms  p99.9 %5.0f ms  %.2f cores  %d rows\n", l.Query, l.Engine,
			l.CommitIntervalMillis, l.P50, l.P99, l.P999, l.Cores, l.Rows)
		done = append(done, l)
	}
	r, err := report.Read(t.out)
	if err != nil {
		return err
	}
	r.Latency = done
	for _, e := range engines {
		r.Titles[e.Name] = e.Title
	}
	if r.Machine == "" {
		r.Machine = machine(ctx)
	}
	return errors.Join(append(faults, r.Write(t.out, ""))...)
}

func (t *timing) once(ctx context.Context, s *stage, q answer.Query, e *engine.Engine, interval time.Duration) (measure.Delays, error) {
	generator, err := nexmark.New(nexmark.Config{})
	if err != nil {
		return measure.Delays{}, err
	}
	task, err := s.task(t.settings, e, q, dataset{partitions: t.partitions})
	if err != nil {
		return measure.Delays{}, err
	}
	task.Run.CommitInterval, task.Run.Watermark = interval, latencyWatermark
	column := "dateTime"
	if q.WindowStart >= 0 {
		column = "endtime"
	}
	d, err := s.broker.Time(ctx, measure.Beat{
		Engine: e, Run: task.Run, Partitions: t.partitions, Rate: t.rate, Column: column, Warm: t.warm, Length: t.length,
		Record: func(n int64, now time.Time) []byte {
			event := generator.Event(nexmark.Bid.Position(n))
			event.Millis = now.UnixMilli()
			return generator.AppendJSON(make([]byte, 0, averageBidBytes), event)
		},
	})
	return d, errors.Join(err, os.RemoveAll(task.Run.Folder))
}
