package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/bench/answer"
	"github.com/millrace/millrace/bench/engine"
	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/bench/report"
	"github.com/millrace/millrace/runtime/nexmark"
)

// weighing compares what engines with internal topics on Kafka write to them for the same query.
type weighing struct {
	*settings
	peers        string
	rate         int64
	warm, length time.Duration
}

func weight(ctx context.Context, args []string) error {
	x := &weighing{settings: newSettings("weight", "q12", 2_000_000)}
	const rate, warm, length = 20_000, 10 * time.Second, 30 * time.Second
	x.flags.StringVar(&x.peers, "peers", "kstreams", "engines besides Millrace, which keep state in topics of Kafka: kstreams, kstreams-memory")
	x.flags.Int64Var(&x.rate, "rate", rate, "bids a second, after the backlog; 0: a backlog only")
	x.flags.DurationVar(&x.warm, "warm", warm, "how long an engine may take to start at that rate")
	x.flags.DurationVar(&x.length, "length", length, "how long it then goes on")
	if err := x.parse(args); err != nil {
		return err
	}
	asked, err := x.list()
	if err != nil {
		return err
	}
	engines, err := engine.Named(x.paths, x.peers)
	if err != nil {
		return err
	}
	fmt.Printf("bench: bytes of internal topics: about %.0f minutes, after building.\n", (time.Duration((len(engines)+1)*len(asked))*(x.warm+x.length+time.Minute/2) + time.Minute/2).Minutes())
	if err := engine.PrepareAll(ctx, engines); err != nil {
		return err
	}
	return x.all(ctx, asked, engines)
}

func (x *weighing) all(ctx context.Context, asked []answer.Query, engines []*engine.Engine) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what is left is in the temporary folder
	r, err := report.Read(x.out)
	if err != nil {
		return err
	}
	data := dataset{bids: x.events, partitions: x.partitions}
	if err := data.load(ctx, s.broker, x.compression, os.Stderr); err != nil {
		return err
	}
	found := &report.Weights{Date: time.Now().UTC().Format(time.DateOnly), Machine: machine(ctx), Load: load(), Compression: x.compression}
	add := func(w report.Weight, err error) error {
		if err != nil {
			return err
		}
		fmt.Printf("%-4s %-16s %-22s early commits %-5v %8d rows  exchange %7.2f and changelog %7.2f bytes a row\n", w.Query, w.Engine, w.Input, w.Early, w.Rows, w.ExchangeBytes, w.ChangelogBytes)
		found.Each = append(found.Each, w)
		return nil
	}
	for _, q := range asked { // first the backlog, which the steady rate replaces
		for _, e := range engines {
			r.Titles[e.Name] = e.Title
			if err := add(x.backlog(ctx, s, q, e, data)); err != nil {
				return err
			}
		}
	}
	for _, q := range asked {
		for _, e := range engines {
			if x.rate == 0 {
				continue
			}
			if err := add(x.steady(ctx, s, q, e, false)); err != nil {
				return err
			}
			if e != engines[0] {
				continue
			}
			if err := add(x.steady(ctx, s, q, e, true)); err != nil {
				return err
			}
		}
	}
	r.Weights = found
	return r.Write(x.out, "")
}

// backlog weighs a run over input that is there.
func (x *weighing) backlog(ctx context.Context, s *stage, q answer.Query, e *engine.Engine, data dataset) (w report.Weight, err error) {
	t, err := s.task(x.settings, e, q, data)
	if err != nil {
		return w, err
	}
	if _, err := s.broker.Measure(ctx, t); err != nil {
		return w, err
	}
	w, err = s.weigh(ctx, t.Run.Group, data.records())
	w.Query, w.Engine, w.Input, w.CommitIntervalMillis = q.Name, e.Name, "a backlog", e.CommitInterval.Milliseconds()
	return w, err
}

// steady weighs a run over input that comes at a rate. Apart keeps Millrace from committing early, as it does when it has caught up: its commits
// are about their interval apart then, as those of the others.
func (x *weighing) steady(ctx context.Context, s *stage, q answer.Query, e *engine.Engine, apart bool) (w report.Weight, err error) {
	generator, err := nexmark.New(nexmark.Config{})
	if err != nil {
		return w, err
	}
	t, err := s.task(x.settings, e, q, dataset{partitions: x.partitions})
	if err != nil {
		return w, err
	}
	if apart {
		const touched = 2*engine.MaxParallelism + 1 // an exchange, a changelog and the group's offsets
		t.Run.Flags = []string{"--max-markers", strconv.Itoa(int(touched / e.CommitInterval.Seconds()))}
	}
	_, err = s.broker.Time(ctx, measure.Beat{
		Engine: e, Run: t.Run, Partitions: x.partitions, Rate: x.rate, Column: "endtime", Warm: x.warm, Length: x.length,
		Record: func(n int64, now time.Time) []byte {
			event := generator.Event(nexmark.Bid.Position(n))
			event.Millis = now.UnixMilli()
			return generator.AppendJSON(make([]byte, 0, averageBidBytes), event)
		},
	})
	if err != nil {
		return w, err
	}
	rows, err := s.broker.Records(ctx, t.Run.Topic)
	if err != nil {
		return w, err
	}
	w, err = s.weigh(ctx, t.Run.Group, rows)
	w.Query, w.Engine, w.Input, w.CommitIntervalMillis = q.Name, e.Name, fmt.Sprintf("%d rows a second", x.rate), e.CommitInterval.Milliseconds()
	w.Early = e.Early && !apart
	return w, err
}

// weigh divides what the internal topics of a group hold by rows. No topic has had so much that a segment of it was deleted.
func (s *stage) weigh(ctx context.Context, group string, rows int64) (w report.Weight, err error) {
	sizes, err := s.broker.Sizes(ctx)
	if err != nil {
		return w, err
	}
	exchanges, changelogs := int64(0), int64(0)
	for topic, bytes := range sizes {
		switch name, own := internalName(topic, group); {
		case !own || name == "commits" || name == "control":
		case strings.HasSuffix(name, "-changelog"):
			changelogs += bytes
		default:
			exchanges += bytes
		}
	}
	w.Rows, w.ExchangeBytes, w.ChangelogBytes = rows, float64(exchanges)/float64(rows), float64(changelogs)/float64(rows)
	return w, nil
}

// internalName returns what a topic is called within a group: Millrace's are <group>.<epoch>.<name>, those of Kafka Streams
// <group>-<name>.
func internalName(topic, group string) (name string, own bool) {
	rest, own := strings.CutPrefix(topic, group)
	switch {
	case !own || rest == "":
		return "", false
	case rest[0] == '-':
		return rest[1:], true
	case rest[0] == '.':
		_, name, own = strings.Cut(rest[1:], ".")
		return name, own
	}
	return "", false
}
