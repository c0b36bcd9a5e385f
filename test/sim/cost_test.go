package sim

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// cost is what a delivery has asked of the brokers, for one input in one worker.
type cost struct {
	commits int
	writes  int // requests that write or commit
	markers int
	marks   int // records that say no more than that there was a commit
}

// TestWeakerDeliveriesAskLessOfTheBroker counts what the deliveries cost, with the same input and no trouble: requests a
// commit, markers, and records that nobody reads.
func TestWeakerDeliveriesAskLessOfTheBroker(t *testing.T) {
	costs := map[spec.Delivery]cost{}
	for _, d := range []spec.Delivery{spec.ExactlyOnce, spec.AtLeastOnce, spec.AtMostOnce} {
		for _, seed := range []uint64{2, 3} { // a broker with transaction version 2, and one before
			c := measure(t, seed, d)
			t.Logf("%s, seed %d: %+v, %.2f requests a commit", d, seed, c, float64(c.writes)/float64(c.commits))
			was := costs[d]
			costs[d] = cost{was.commits + c.commits, was.writes + c.writes, was.markers + c.markers, was.marks + c.marks}
		}
	}
	exact := costs[spec.ExactlyOnce]
	for _, d := range []spec.Delivery{spec.AtLeastOnce, spec.AtMostOnce} {
		c := costs[d]
		if c.writes*exact.commits >= exact.writes*c.commits {
			t.Errorf("%s takes %d requests for %d commits, exactly once %d for %d", d, c.writes, c.commits, exact.writes, exact.commits)
		}
		if c.markers != 0 || exact.markers == 0 {
			t.Errorf("%s leaves %d markers, exactly once %d", d, c.markers, exact.markers)
		}
		if c.marks > 2 {
			t.Errorf("%s leaves %d records in the topic of commits in 2 sessions", d, c.marks)
		}
	}
}

func measure(t *testing.T, seed uint64, d spec.Delivery) (c cost) {
	t.Helper()
	plan := Plan{Schedule: []Event{{Verb: Start}}, Restart: func(int, int) Restart { return Restart{} }}
	o := runGame(t, seed, plan, bugs{delivery: d}, func(w *world, ctx context.Context) outcome {
		w.extra = func(ctx context.Context) { c.markers, c.marks = w.stored(ctx) }
		return w.play(ctx)
	})
	if o.wrong != "" || o.crashes > 0 || o.doubled > 0 || o.copied != o.fed {
		t.Errorf("%s: %d of %d rows, %d doubled, %s", d, o.copied, o.fed, o.doubled, o.wrong)
	}
	requests := o.net.Requests()
	for _, k := range []kmsg.Key{kmsg.Produce, kmsg.InitProducerID, kmsg.AddPartitionsToTxn, kmsg.AddOffsetsToTxn, kmsg.TxnOffsetCommit, kmsg.EndTxn, kmsg.OffsetCommit} {
		c.writes += requests[k]
	}
	c.commits = requests[kmsg.EndTxn] + requests[kmsg.OffsetCommit]
	return c
}

// stored counts the markers in the job's topics, and the records in the topic of commits.
func (w *world) stored(ctx context.Context) (markers, marks int) {
	own := physical.Topics{Prefix: prefix, StateEpoch: firstEpoch}
	topics := []string{copyTopic, countsTopic}
	for _, t := range w.job.Internal(own) {
		topics = append(topics, t.Name)
	}
	cl, err := kgo.NewClient(append(slices.Clone(w.client), kgo.ConsumeTopics(topics...), kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		w.fail("count: %v", err)
		return 0, 0
	}
	defer cl.Close()
	const quiet = 2 * time.Second
	for last := time.Now(); time.Since(last) < quiet; {
		poll, cancel := context.WithTimeout(ctx, quiet/4)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			last = time.Now()
			switch {
			case r.Attrs.IsControl():
				markers++
			case r.Topic == own.Commits():
				marks++
			}
		})
		cancel()
	}
	return markers, marks
}
