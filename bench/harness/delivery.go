package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/bench/measure"
	"github.com/millrace/millrace/bench/report"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/test/kafka"
)

// delivering measures what each delivery costs.
type delivering struct {
	*settings
	rate, keys   int64
	rows         int64 // of the backlog
	warm, length time.Duration
}

// backlogInterval is between commits while a backlog is worked off. It is short, so that the commits weigh.
const backlogInterval = 20 * time.Millisecond

func delivery(ctx context.Context, args []string) error {
	x := &delivering{settings: newSettings("delivery", "", 0)}
	const rate, keys, rows, warm, length = 20_000, 100_000, 3_000_000, 5 * time.Second, 20 * time.Second
	x.flags.Int64Var(&x.rows, "rows", rows, "rows of the backlog")
	x.flags.Int64Var(&x.rate, "rate", rate, "rows a second")
	x.flags.Int64Var(&x.keys, "keys", keys, "keys in the state")
	x.flags.DurationVar(&x.warm, "warm", warm, "how long a worker runs before it is measured")
	x.flags.DurationVar(&x.length, "length", length, "how long it is measured")
	if err := x.parse(args); err != nil {
		return err
	}
	return x.all(ctx)
}

func (x *delivering) all(ctx context.Context) error {
	deliveries := []spec.Delivery{spec.ExactlyOnce, spec.AtLeastOnce, spec.AtMostOnce}
	const counted, backlog = 10 * time.Second, 20 * time.Second
	fmt.Printf("bench: delivery: about %.0f minutes, after building.\n", (time.Duration(len(deliveries))*(x.warm+x.length+counted+backlog) + backlog).Minutes())
	front, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	s, err := open(ctx, kafka.Behind(front))
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // what is left is in the temporary folder
	r, err := report.Read(x.out)
	if err != nil {
		return err
	}
	found := &report.Deliveries{Date: time.Now().UTC().Format(time.DateOnly), Machine: machine(ctx), Load: load(), EventsPerSecond: x.rate, Keys: x.keys}
	if err := x.warmUp(ctx, s); err != nil {
		return err
	}
	for _, d := range deliveries {
		one, err := x.one(ctx, s, d, front)
		if err != nil {
			return fmt.Errorf("%s: %w", d, err)
		}
		fmt.Printf("%-12s worker %5.0f ns and broker %5.0f ns a row of a backlog  commits: p50 %.1f ms  p99 %.1f ms  of %d  %.1f requests each  %.0f bytes a row on the broker\n",
			d, one.WorkerNanos, one.BrokerNanos, one.P50, one.P99, one.Commits, one.Requests, one.BrokerBytes)
		found.Each = append(found.Each, one)
	}
	r.Deliveries = found
	return r.Write(x.out, "")
}

// warmUp lets the broker's compiler see a backlog before one is measured: the first would pay for all of them.
func (x *delivering) warmUp(ctx context.Context, s *stage) error {
	j, err := s.newOwnJob(ctx, x.settings, "delivery-warm", moveSQL, moveInput, moveCopies, moveCounts, moveWindows)
	if err != nil {
		return err
	}
	_, _, err = x.backlog(ctx, s, j, spec.ExactlyOnce, x.record())
	return err
}

// record makes rows of so many keys.
func (x *delivering) record() func(n int64, now time.Time) []byte {
	return (&moving{recovering: &recovering{settings: x.settings, moveKeys: x.keys}}).record
}

// one measures a delivery: a worker with a backlog, then one at a steady rate, then the requests of one whose connections are
// passed on.
func (x *delivering) one(ctx context.Context, s *stage, d spec.Delivery, front string) (found report.Delivery, err error) {
	j, err := s.newOwnJob(ctx, x.settings, "delivery-"+string(d), moveSQL, moveInput, moveCopies, moveCounts, moveWindows)
	if err != nil {
		return found, err
	}
	worker, broker, err := x.backlog(ctx, s, j, d, x.record())
	if err != nil {
		return found, err
	}
	stop := j.feeding(ctx, x.rate, x.record())
	defer func() { err = errors.Join(err, stop()) }()
	m, err := j.start(ctx, 0, "--delivery", string(d))
	if err != nil {
		return found, err
	}
	defer func() { m.kill() }()
	if _, err := m.firstCommit(ctx); err != nil {
		return found, err
	}
	if err := rest(ctx, x.warm); err != nil {
		return found, err
	}
	if found, err = x.measure(ctx, s, m); err != nil {
		return found, err
	}
	found.Name, found.WorkerNanos, found.BrokerNanos = string(d), worker, broker
	m.stop()
	counter, err := measure.CountRequests(ctx, front, s.node.Behind())
	if err != nil {
		return found, err
	}
	defer counter.Close()
	if m, err = j.start(ctx, 0, "--delivery", string(d), "--brokers", front); err != nil {
		return found, err
	}
	found.Requests, err = requestsEach(ctx, m, counter)
	return found, err
}

// backlog returns the processor time of worker and broker a row, in nanoseconds, of a worker that has rows enough to do, so that
// it commits when the interval is over and not when it could.
func (x *delivering) backlog(ctx context.Context, s *stage, j *ownJob, d spec.Delivery, record func(int64, time.Time) []byte) (worker, broker float64, err error) {
	err = fill(ctx, s.broker, bulk{topic: moveInput, partitions: x.partitions, records: x.rows}, os.Stderr, func(n int64) []byte { return record(n, time.Now()) })
	if err != nil {
		return 0, 0, err
	}
	m, err := j.start(ctx, 0, "--delivery", string(d), "--commit-interval", backlogInterval.String())
	if err != nil {
		return 0, 0, err
	}
	defer m.kill()
	if _, err := m.firstCommit(ctx); err != nil {
		return 0, 0, err
	}
	begin, err := read(ctx, s, m)
	if err != nil {
		return 0, 0, err
	}
	if _, err := m.await(ctx, "the backlog is read", func(st control.Status) bool { return sourceRows(st) >= x.rows }); err != nil {
		return 0, 0, err
	}
	end, err := read(ctx, s, m)
	const nanos = 1e9
	rows := float64(end.rows-begin.rows) / nanos
	m.stop()
	return (end.worker - begin.worker) / rows, (end.broker - begin.broker) / rows, err
}

// reading is what the processes and the topics have come to.
type reading struct {
	worker, broker float64 // seconds
	bytes, rows    int64
}

func read(ctx context.Context, s *stage, m *member) (r reading, err error) {
	status, err := m.status(ctx)
	if err != nil {
		return r, err
	}
	r.rows = sourceRows(status)
	if r.worker, err = measure.CPUSeconds(m.process.ID()); err != nil {
		return r, err
	}
	if r.broker, err = measure.CPUSeconds(s.node.ProcessID()); err != nil {
		return r, err
	}
	r.bytes, err = s.broker.Bytes(ctx, moveInput)
	return r, err
}

func (x *delivering) measure(ctx context.Context, s *stage, m *member) (d report.Delivery, err error) {
	begin, err := read(ctx, s, m)
	if err != nil {
		return d, err
	}
	took, err := m.commitTimes(ctx, x.length)
	if err != nil {
		return d, err
	}
	end, err := read(ctx, s, m)
	rows := float64(end.rows - begin.rows)
	if err != nil || rows == 0 {
		return d, errors.Join(err, errors.New("no row was read"))
	}
	const half, hundredth, micros = 0.5, 0.99, 1000
	return report.Delivery{
		P50: measure.Percentile(took, half) / micros, P99: measure.Percentile(took, hundredth) / micros, Commits: len(took),
		BrokerBytes: float64(end.bytes-begin.bytes) / rows,
	}, nil
}

// commitTimes returns how long the commits took that were seen, in microseconds, ascending.
func (m *member) commitTimes(ctx context.Context, length time.Duration) ([]int64, error) {
	var took []int64
	seen := int64(0)
	for start := time.Now(); time.Since(start) < length; {
		now, err := m.status(ctx)
		if err != nil {
			return nil, err
		}
		if now.Commits != seen && now.LastCommitTook > 0 {
			seen = now.Commits
			took = append(took, now.LastCommitTook.Microseconds())
		}
		if err := rest(ctx, statusPause); err != nil {
			return nil, err
		}
	}
	if len(took) == 0 {
		return nil, errors.New("no commit was seen")
	}
	slices.Sort(took)
	return took, nil
}

// requestsEach counts the requests that write or commit, a commit.
func requestsEach(ctx context.Context, m *member, counter *measure.Requests) (float64, error) {
	const warm, length = 2 * time.Second, 5 * time.Second
	kinds := []kmsg.Key{kmsg.Produce, kmsg.AddPartitionsToTxn, kmsg.AddOffsetsToTxn, kmsg.TxnOffsetCommit, kmsg.EndTxn, kmsg.OffsetCommit}
	if _, err := m.firstCommit(ctx); err != nil {
		return 0, err
	}
	if err := rest(ctx, warm); err != nil {
		return 0, err
	}
	begin, err := m.status(ctx)
	if err != nil {
		return 0, err
	}
	was := counter.Sum(kinds...)
	if err := rest(ctx, length); err != nil {
		return 0, err
	}
	end, err := m.status(ctx)
	if err != nil || end.Commits == begin.Commits {
		return 0, errors.Join(err, errors.New("no commit was seen"))
	}
	return float64(counter.Sum(kinds...)-was) / float64(end.Commits-begin.Commits), nil
}
