package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/spec"
)

const (
	steps      = 15
	perStep    = 4 // rows a partition and step
	stepPause  = 600 * time.Millisecond
	keys       = 7
	lateOneIn  = 8
	closingTS  = int64(10_000_000_000)
	eventBegin = int64(1_000_000_000)
	feederID   = "feeder"
)

// row is a row of the input. Its JSON is what the job reads and copies.
type row struct {
	K  string `json:"k"`
	ID int64  `json:"id"`
	TS int64  `json:"ts"` // milliseconds
}

// result is a row of the counts.
type result struct {
	K     string `json:"k"`
	Start int64  `json:"window_start"`
	End   int64  `json:"window_end"`
	N     int64  `json:"n"`
}

func (r result) window() string { return r.K + "@" + strconv.FormatInt(r.Start, 10) }

// workload is a seed's input and the exact answer to it.
type workload struct {
	rows   [steps + 1][partitions][]row
	total  int
	counts map[string]int64
}

// newWorkload makes rows in disorder: each is at most outOfOrder behind the latest of its partition, but for one in
// lateOneIn, whose window has long ended there, and which is copied but not counted. A last row closes every window but
// its own.
func newWorkload(seed uint64) *workload {
	w := &workload{counts: map[string]int64{}}
	r := roll(seed, "workload")
	next := int64(1)
	for p := range partitions {
		now := eventBegin + r.Int64N(20_000)
		latest := int64(0)
		for s := range steps {
			for range perStep {
				k := "k" + strconv.Itoa(r.IntN(keys))
				if latest > 0 && r.IntN(lateOneIn) == 0 {
					w.rows[s][p] = append(w.rows[s][p], row{k, next, latest - (outOfOrder + 2*windowSize).Milliseconds()})
					next++
					continue
				}
				now += r.Int64N(2000)
				ts := now - r.Int64N(outOfOrder.Milliseconds())
				latest = max(latest, ts)
				w.rows[s][p] = append(w.rows[s][p], row{k, next, ts})
				w.counts[result{K: k, Start: ts / windowSize.Milliseconds() * windowSize.Milliseconds()}.window()]++
				next++
			}
		}
		w.rows[steps][p] = []row{{"end", next, closingTS}}
		next++
	}
	w.total = int(next - 1)
	return w
}

// feed writes the rows step by step. Every third step is a transaction, and some of those abort first: the input has
// markers and dead records.
func (w *workload) feed(ctx context.Context, opts []kgo.Opt, seed uint64) error {
	cl, err := kgo.NewClient(append(opts, kgo.TransactionalID(feederID), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.Lz4Compression()))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	r := roll(seed, "feed")
	for s := range w.rows {
		if r.IntN(4) == 0 {
			if err := w.send(ctx, cl, s, kgo.TryAbort); err != nil {
				return err
			}
		}
		if err := w.send(ctx, cl, s, kgo.TryCommit); err != nil {
			return err
		}
		select {
		case <-time.After(stepPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (w *workload) send(ctx context.Context, cl *kgo.Client, step int, end kgo.TransactionEndTry) error {
	if err := cl.BeginTransaction(); err != nil {
		return err
	}
	for p, rows := range w.rows[step] {
		for _, r := range rows {
			value, err := json.Marshal(r)
			if err != nil {
				return err
			}
			cl.Produce(ctx, &kgo.Record{Topic: inputTopic, Partition: int32(p), Value: value}, nil)
		}
	}
	if err := cl.Flush(ctx); err != nil {
		return err
	}
	return cl.EndTransaction(ctx, end)
}

// output reads what a READ_COMMITTED consumer sees of the job's results.
type output struct {
	copies map[int64]int
	counts map[string][]int64
	rows   int
}

// collect reads until all expected rows are there and nothing more came for a while, or patience has run out.
func (w *workload) collect(ctx context.Context, opts []kgo.Opt, patience time.Duration) (*output, error) {
	return w.gather(ctx, opts, patience, w.quiet(spec.ExactlyOnce))
}

// gather reads until nothing more came for as long as quiet says, or patience has run out.
func (w *workload) gather(ctx context.Context, opts []kgo.Opt, patience time.Duration, quiet func(*output) time.Duration) (*output, error) {
	cl, err := kgo.NewClient(append(opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeTopics(copyTopic, countsTopic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	o := &output{copies: map[int64]int{}, counts: map[string][]int64{}}
	last, deadline := time.Now(), time.Now().Add(patience)
	for time.Now().Before(deadline) && time.Since(last) < quiet(o) {
		poll, cancel := context.WithTimeout(ctx, time.Second)
		fetches := cl.PollFetches(poll)
		cancel()
		var bad error
		fetches.EachRecord(func(r *kgo.Record) {
			last = time.Now()
			if err := o.add(r); err != nil {
				bad = err
			}
		})
		if bad != nil {
			return o, bad
		}
	}
	return o, nil
}

func (o *output) add(r *kgo.Record) error {
	o.rows++
	if r.Topic == copyTopic {
		var c row
		if err := json.Unmarshal(r.Value, &c); err != nil {
			return err
		}
		o.copies[c.ID]++
		return nil
	}
	var c result
	if err := json.Unmarshal(r.Value, &c); err != nil {
		return err
	}
	o.counts[c.window()] = append(o.counts[c.window()], c.N)
	return nil
}

// unfinished says that rows or windows are missing, and that nothing that is there is wrong: only then can the broker be to blame. Of a run that
// delivers at most once, what there is says enough.
func (w *workload) unfinished(d spec.Delivery, o *output) bool {
	lost := len(o.copies) < w.total || len(o.counts) < len(w.counts)
	if d != spec.ExactlyOnce {
		return lost && d == spec.AtLeastOnce
	}
	for _, n := range o.copies {
		if n > 1 {
			return false
		}
	}
	for window, got := range o.counts {
		if n, ok := w.counts[window]; !ok || len(got) > 1 || got[0] != n {
			return false
		}
	}
	return lost
}

// verdict is empty when everything came out exactly once and right.
func (w *workload) verdict(o *output) string {
	lost, doubled := 0, 0
	for id := int64(1); id <= int64(w.total); id++ {
		switch n := o.copies[id]; {
		case n == 0:
			lost++
		case n > 1:
			doubled += n - 1
		}
	}
	missing, again, wrong := 0, 0, 0
	example := ""
	for window, n := range w.counts {
		got := o.counts[window]
		switch {
		case len(got) == 0:
			missing++
		case len(got) > 1:
			again++
			example = fmt.Sprintf(" such as %s: %v for %d", window, got, n)
		case got[0] != n:
			wrong++
			example = fmt.Sprintf(" such as %s: %v for %d", window, got, n)
		}
	}
	extra := 0
	for window := range o.counts {
		if _, ok := w.counts[window]; !ok {
			extra++
		}
	}
	if lost+doubled+missing+again+wrong+extra == 0 {
		return ""
	}
	return fmt.Sprintf("copies: %d of %d lost, %d doubled; windows: %d of %d missing, %d fired again, %d wrong, %d never asked for%s",
		lost, w.total, doubled, missing, len(w.counts), again, wrong, extra, example)
}
