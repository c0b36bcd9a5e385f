package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/bench/engine"
)

// Beat is a run at a fixed rate, whose rows are timed.
type Beat struct {
	Engine     *engine.Engine
	Run        engine.Run
	Partitions int
	// Rate is records a second; Record returns the n-th one, made now.
	Rate   int64
	Record func(n int64, now time.Time) []byte
	// Column is the output's from which a row's age counts, in milliseconds since the epoch.
	Column string
	// Warm is how long nothing counts, from the engine's start; Length is how long rows are timed after it.
	Warm, Length time.Duration
}

// Delays is how old rows were when a read-committed consumer had them.
type Delays struct {
	Rows int64
	// The percentiles are in milliseconds.
	P50, P99, P999 float64
	// Cores is the engine's processor time a second, while rows were timed.
	Cores float64
}

// Time does a run. What the engine says goes to engine.log in the run's folder.
func (b *Broker) Time(ctx context.Context, t Beat) (Delays, error) {
	const grace = time.Minute
	ctx, cancel := context.WithTimeout(ctx, t.Warm+t.Length+grace)
	defer cancel()
	if err := b.Clear(ctx); err != nil {
		return Delays{}, err
	}
	for _, topic := range []string{t.Run.Topic, t.Run.Output} {
		if err := b.Create(ctx, t.Partitions, topic); err != nil {
			return Delays{}, err
		}
	}
	log, err := os.Create(filepath.Join(t.Run.Folder, "engine.log"))
	if err != nil {
		return Delays{}, err
	}
	defer func() { _ = log.Close() }() // what is lost is the engine's talk
	args, err := t.Engine.Command(t.Run)
	if err != nil {
		return Delays{}, err
	}
	process, err := Start(args, log)
	if err != nil {
		return Delays{}, err
	}
	d, err := b.timed(ctx, t, process)
	process.Stop(stopPatience)
	if err != nil {
		return Delays{}, errors.Join(fmt.Errorf("%s on %s: %w", t.Engine.Name, t.Run.Query.Name, err), lastWords(log.Name()))
	}
	return d, nil
}

// timed produces and consumes side by side, until the time is up.
func (b *Broker) timed(ctx context.Context, t Beat, process *Process) (Delays, error) {
	producing, stop := context.WithCancel(ctx)
	produced := make(chan error, 1)
	go func() {
		produced <- b.Pace(producing, Feed{Topic: t.Run.Topic, Partitions: t.Partitions, Rate: t.Rate, Record: t.Record})
	}()
	d, err := b.ages(ctx, t, process)
	stop()
	return d, errors.Join(err, <-produced)
}

// ages reads the output as it is committed.
func (b *Broker) ages(ctx context.Context, t Beat, process *Process) (d Delays, err error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.ConsumeTopics(t.Run.Output), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return d, err
	}
	defer client.Close()
	begin := time.Now().Add(t.Warm)
	end := begin.Add(t.Length)
	var ages []int64
	started, used := time.Time{}, 0.0
	for time.Now().Before(end) {
		select {
		case <-process.Ended():
			return d, fmt.Errorf("it ended early: %s", process.Status())
		default:
		}
		poll, cancel := context.WithTimeout(ctx, samplePause)
		fetches := client.PollFetches(poll)
		cancel()
		if err := ctx.Err(); err != nil {
			return d, err
		}
		if err := fetches.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return d, fmt.Errorf("read %s: %w", t.Run.Output, err)
		}
		now := time.Now()
		if now.Before(begin) {
			continue
		}
		if started.IsZero() {
			started = now
			if used, err = CPUSeconds(process.ID()); err != nil {
				return d, err
			}
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if then, ok := Number(r.Value, t.Column); ok {
				ages = append(ages, now.UnixMilli()-then)
			} else if err == nil {
				err = fmt.Errorf("no column %s in %s", t.Column, r.Value)
			}
		})
		if err != nil {
			return d, err
		}
	}
	if len(ages) == 0 {
		return d, fmt.Errorf("no rows in %v", t.Length)
	}
	total, err := CPUSeconds(process.ID())
	if err != nil {
		return d, err
	}
	d.Cores = (total - used) / time.Since(started).Seconds()
	slices.Sort(ages)
	const half, hundredth, thousandth = 0.5, 0.99, 0.999
	d.Rows, d.P50, d.P99, d.P999 = int64(len(ages)), Percentile(ages, half), Percentile(ages, hundredth), Percentile(ages, thousandth)
	return d, nil
}

// Percentile is the smallest of the sorted values that no more than the share of them lies below.
func Percentile(sorted []int64, share float64) float64 {
	return float64(sorted[min(int(share*float64(len(sorted))), len(sorted)-1)])
}

// Number finds an integer member of a flat JSON object.
func Number(object []byte, member string) (int64, bool) {
	_, rest, found := bytes.Cut(object, []byte(`"`+member+`":`))
	if !found {
		return 0, false
	}
	rest = bytes.TrimLeft(rest, " ")
	end := 0
	for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || rest[end] == '-') {
		end++
	}
	n, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	return n, err == nil
}
