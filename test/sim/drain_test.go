package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/runtime/spec"
)

const (
	// drainOneIn of the seeds are played with a drain: one in so many.
	drainOneIn = 3
	// drainPatience is how long a drain may take, whatever happens meanwhile.
	drainPatience = 3 * time.Minute
	// restFor is how long nothing may come of a job that is drained, while rows are still written to its input, and workers
	// come and go.
	restFor = 25 * time.Second
)

// TestDrainedJobs runs seeds in which a job is told to end while everything happens that happens anyway: of each partition a
// beginning comes out, each row once, every window of these rows fires once, and nothing comes after. Where rows may come twice, or be lost,
// the job must end.
func TestDrainedJobs(t *testing.T) {
	begin := time.Now()
	sums := &drainsOver{}
	n := max(1, *seeds/drainOneIn)
	for i := range n {
		seed := *first + uint64(i)
		o := runGame(t, seed, drainPlan(seed), bugs{}, sums.game())
		sums.crashes += o.crashes
		if o.wrong == "" {
			continue
		}
		hits := 0
		for range repeats {
			if runGame(t, seed, drainPlan(seed), bugs{}, (&drainsOver{}).game()).wrong != "" {
				hits++
			}
		}
		t.Errorf("seed %d: %s (run again: %d of %d fail)", seed, o.wrong, hits, repeats)
		if *loud {
			t.Log(o.log)
		}
	}
	t.Logf("%d seeds in %v: %d crashes, %d of %d rows read, %d crashes between request and end", n, time.Since(begin), sums.crashes, sums.read, sums.fed, sums.amid)
	if n >= 10 && (sums.read == 0 || sums.read == sums.fed || sums.amid == 0) {
		t.Error("jobs are drained before they begin, after they end, or with nothing in between: the test sees nothing")
	}
}

// drainPlan is a seed's plan with a drain in it, and now and then another request behind.
func drainPlan(seed uint64) Plan {
	p := seedPlan(seed)
	r := roll(seed, "drain")
	at := time.Second + time.Duration(r.IntN(24_000))*time.Millisecond
	p.Schedule = append(p.Schedule, Event{At: at, Verb: Drain})
	if r.IntN(4) == 0 {
		p.Schedule = append(p.Schedule, Event{At: at + time.Second, Verb: Drain})
	}
	slices.SortStableFunc(p.Schedule, func(a, b Event) int { return int(a.At - b.At) })
	return p
}

// drain asks for the job's end, where there are savepoints while one is at work.
func (w *world) drain(ctx context.Context) {
	if w.savepoints != nil {
		w.running.Go(func() { w.save(ctx, false) })
		sleep(ctx, 100*time.Millisecond)
	}
	now := time.Now()
	w.say(ctx, command.Record{Kind: command.Drain, ID: fmt.Sprintf("drain-%d", now.UnixNano()), At: now}, now.Add(drainPatience))
}

// ends waits for the job's end.
func (w *world) ends(ctx context.Context, asked func()) bool {
	ctx, cancel := context.WithTimeout(ctx, drainPatience)
	defer cancel()
	for ; ctx.Err() == nil; sleep(ctx, time.Second/2) { // until the topic is there
		f, err := kafka.NewFollower(ctx, w.plain(), kafka.Partition{Topic: w.now().topics().Control()})
		if err != nil {
			continue
		}
		defer f.Close()
		var l command.Log
		for ctx.Err() == nil {
			if err := f.Poll(ctx, func(offset int64, value []byte) error {
				r, err := command.Decode(value)
				if err == nil {
					l.Add(offset, r)
				}
				return err
			}); err != nil {
				w.fail("read the control topic: %v", err)
				return false
			}
			end, is := l.End()
			if is {
				asked()
			}
			if end.Over {
				return true
			}
		}
	}
	return false
}

// drainsOver are sums over games.
type drainsOver struct{ crashes, amid, read, fed int }

func (d *drainsOver) game() game {
	return func(w *world, ctx context.Context) outcome { return d.play(ctx, w) }
}

func (d *drainsOver) play(ctx context.Context, w *world) (o outcome) {
	w.job, w.era = job(), era{epoch: firstEpoch, parallel: partitions}
	if w.delivery == "" {
		w.delivery = deliveryOf(w.seed)
	}
	if w.seed%4 == 0 {
		w.savepoints = snapshottest.New()
	}
	load := newWorkload(w.seed)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.running.Go(func() {
		if err := load.feed(ctx, w.client, w.seed); err != nil && ctx.Err() == nil {
			w.fail("feed: %v", err)
		}
	})
	places := make([]*process, workersMax)
	for n := range places {
		places[n] = w.place(n)
	}
	crashes := func() (n int) {
		for _, p := range places {
			p.mu.Lock()
			n += p.crashes
			p.mu.Unlock()
		}
		return n
	}
	scheduled := make(chan struct{})
	w.running.Go(func() {
		defer close(scheduled)
		w.follow(ctx, places)
	})
	before := -1
	ended := w.ends(ctx, func() {
		if before < 0 {
			before = crashes()
		}
	})
	if !ended {
		o.waiting = allWaitToJoin(stacks())
		w.fail("the job is not drained")
	} else {
		d.amid += crashes() - before
	}
	<-scheduled
	got, err := load.gather(ctx, w.client, drainPatience, func(*output) time.Duration { return restFor })
	if err != nil {
		w.fail("collect: %v", err)
	}
	for _, p := range slices.Backward(places) {
		p.retire()
	}
	cancel()
	w.running.Wait()
	o.crashes = crashes()
	d.read, d.fed = d.read+len(got.copies), d.fed+load.total
	if w.delivery == spec.ExactlyOnce {
		w.judgeBeginnings(load, got)
	}
	o.wrong = strings.Join(w.failed, "; ")
	return o
}

// judgeBeginnings wants a beginning of each partition, each row of it once, and its windows.
func (w *world) judgeBeginnings(load *workload, got *output) {
	if v := load.wrongFor(got, func(string) bool { return false }); v != "" {
		w.fail("%s", v)
	}
	for p := range partitions {
		over := false
		for _, r := range load.partitionRows(p) {
			if read := got.copies[r.ID] > 0; read && over {
				w.fail("row %d of partition %d came, and one before it did not", r.ID, p)
			} else if !read {
				over = true
			}
		}
	}
}
