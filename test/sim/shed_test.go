package sim

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/task"
)

const (
	// shedOneIn of the seeds are played with sources that skip ahead: one in so many.
	shedOneIn = 10
	// shedLag is how far behind they may be: a few steps of the input, which a worker that was dead or hung for a while lacks.
	shedLag = perStep
	// shedRowBytes makes a few rows what one answer of a broker holds: a source is looked at between two.
	shedRowBytes = 100 << 10
)

// TestSourcesThatSkipAhead runs seeds in which sources may be a few rows behind only. Whatever crashes in between: each row of the input
// either came out, once, or is counted as left out, once, and windows hold the rows that came out.
func TestSourcesThatSkipAhead(t *testing.T) {
	sums := shedsOver{lag: shedLag}
	sums.run(t, max(1, *seeds/shedOneIn))
	if t.Logf("%d of %d rows were left out", sums.shed, sums.fed); sums.seeds >= 10 && (sums.shed == 0 || sums.shed > int64(sums.fed*3/4)) {
		t.Error("that says nothing")
	}
}

// TestNothingIsLeftOutBelowTheBound is the same with sources that may be as far behind as the input is long.
func TestNothingIsLeftOutBelowTheBound(t *testing.T) {
	sums := shedsOver{lag: steps*perStep + 1}
	sums.run(t, max(1, *seeds/(5*shedOneIn)))
	if sums.shed != 0 {
		t.Errorf("%d of %d rows were left out", sums.shed, sums.fed)
	}
}

// shedsOver are sums over games.
type shedsOver struct {
	lag        int64
	seeds, fed int
	shed       int64
}

func (s *shedsOver) run(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		seed := *first + uint64(i)
		o := runGame(t, seed, seedPlan(seed), bugs{delivery: spec.ExactlyOnce}, func(w *world, ctx context.Context) outcome { return s.play(ctx, w) })
		s.seeds++
		if o.wrong == "" {
			continue
		}
		t.Errorf("seed %d: %s", seed, o.wrong)
		if *loud {
			t.Log(o.log)
		}
	}
}

func (s *shedsOver) play(ctx context.Context, w *world) (o outcome) {
	w.job, w.era, w.shed = job(), era{epoch: firstEpoch, parallel: partitions}, s.lag
	load := newWorkload(w.seed)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.running.Go(func() {
		if err := load.pour(ctx, w.client); err != nil && ctx.Err() == nil {
			w.fail("feed: %v", err)
		}
	})
	places := make([]*process, workersMax)
	for n := range places {
		places[n] = w.place(n)
	}
	scheduled := make(chan struct{})
	w.running.Go(func() {
		defer close(scheduled)
		w.follow(ctx, places)
	})
	<-scheduled
	committed := w.read(ctx, load)
	o.waiting = committed == nil && allWaitToJoin(stacks())
	const patience = 3 * time.Minute
	got, err := load.gather(ctx, w.client, patience, func(o *output) time.Duration {
		if load.wrongFor(o, ofTheEnd) == "" {
			return restFor
		}
		return patience // a commit of the windows whose outcome is not known takes a while
	})
	if err != nil {
		w.fail("collect: %v", err)
	}
	for _, p := range slices.Backward(places) {
		p.retire()
		o.crashes += p.crashes
	}
	cancel()
	w.running.Wait()
	s.judge(w, load, got, committed)
	o.wrong = strings.Join(w.failed, "; ")
	return o
}

// judge compares what came out with what the offsets say was left out.
func (s *shedsOver) judge(w *world, load *workload, got *output, committed map[int32]task.Meta) {
	if committed == nil {
		w.fail("the input is not read to its end")
		return
	}
	for p := range partitions {
		rows := load.partitionRows(p)
		came := int64(0)
		for _, r := range rows {
			came += int64(got.copies[r.ID])
		}
		m := committed[int32(p)]
		if came+m.Shed != int64(len(rows)) {
			w.fail("partition %d: %d rows came out and %d were left out, of %d", p, came, m.Shed, len(rows))
		}
		s.fed, s.shed = s.fed+len(rows), s.shed+m.Shed
	}
	if v := load.wrongFor(got, ofTheEnd); v != "" {
		w.fail("%s", v)
	}
}

// ofTheEnd says that a window holds the row that ends the others.
func ofTheEnd(window string) bool { return strings.HasPrefix(window, "end@") }

// read waits until the input is read to its end, and returns what is committed of its partitions; nil when it is not.
func (w *world) read(ctx context.Context, load *workload) map[int32]task.Meta {
	admin, err := kafka.NewAdmin(w.plain())
	if err != nil {
		w.fail("make a client: %v", err)
		return nil
	}
	defer admin.Close()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); sleep(ctx, time.Second) {
		found, err := admin.CommittedSoFar(ctx, prefix, inputTopic)
		if err != nil {
			continue
		}
		all := map[int32]task.Meta{}
		for _, c := range found {
			m, err := task.DecodeMeta(c.Metadata)
			if err == nil && c.Offset == int64(len(load.partitionRows(int(c.Number)))) {
				all[c.Number] = m
			}
		}
		if len(all) == partitions {
			return all
		}
	}
	return nil
}

// pour writes the rows step by step, in no transaction: then each has an offset, and nothing else has.
func (w *workload) pour(ctx context.Context, opts []kgo.Opt) error {
	cl, err := kgo.NewClient(append(opts, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	type wide struct {
		row
		Pad string `json:"pad"` // no column
	}
	pad := strings.Repeat(" ", shedRowBytes)
	for _, step := range w.rows {
		for p, rows := range step {
			for _, r := range rows {
				value, err := json.Marshal(wide{r, pad})
				if err != nil {
					return err
				}
				cl.Produce(ctx, &kgo.Record{Topic: inputTopic, Partition: int32(p), Value: value}, nil)
			}
		}
		if err := cl.Flush(ctx); err != nil {
			return err
		}
		sleep(ctx, stepPause)
	}
	return ctx.Err()
}
