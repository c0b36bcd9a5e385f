//go:build integration

package integration_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/physical"
)

// TestAnUpgradeCountsEachRowOnce lets the operator's hands take a job, on a real broker, to a query with one more function: a savepoint
// by the control topic, the fence, topics of its own, workers that begin from the savepoint, and the end of what was before.
func TestAnUpgradeCountsEachRowOnce(t *testing.T) {
	j := newJob(t)
	j.savepoints = true
	fed := j.feeds()
	j.start(0)
	j.start(1)
	time.Sleep(feedFor / 4)
	hands := j.hands()
	const id = "sp-20261128T070000Z-1a2b3c"
	before, after := physical.Topics{Prefix: prefix, StateEpoch: 1}, physical.Topics{Prefix: prefix, StateEpoch: 2}
	must := j.must
	for range 2 { // the operator died after it had asked
		must(hands.RequestSavepoint(t.Context(), before, id, time.Now(), time.Now().Add(time.Minute)))
	}
	j.signal(0, syscall.SIGKILL)
	j.kills++
	j.awaitSavepoint(hands, before, id)
	j.stop()
	must(hands.Fence(t.Context(), prefix, 1))

	j.sql = strings.NewReplacer("n BIGINT)", "n BIGINT, most BIGINT)", "COUNT(*) FROM", "COUNT(*), MAX(id) FROM").Replace(query)
	j.compile(partitions)
	must(hands.CreateInternal(t.Context(), j.internal(after), 1, 1))
	commits := func() lifecycle.Commits {
		c, err := hands.Commits(t.Context(), after, []string{"rows_in"})
		must(err)
		return c
	}
	if c := commits(); c != lifecycle.CommitsNone {
		t.Errorf("commits before it has begun: %d", c)
	}
	j.epoch, j.restoreFrom, j.extra = 2, id, []string{"--restore-exactly"}
	j.start(0)
	j.start(1)
	j.await("the first commit", func() bool { return commits() == lifecycle.CommitsSome })
	for range 2 {
		must(hands.DropState(t.Context(), lifecycle.Remains{Prefix: after.Prefix}, after.StateEpoch))
	}
	j.signal(0, syscall.SIGKILL) // it comes back in the same epoch, with the same flags, and begins from no savepoint any more
	j.kills++
	j.check(<-fed)
	j.stop()
	if left, err := hands.Missing(t.Context(), []string{before.Control(), before.Commits(), after.Control()}); err != nil || len(left) != 2 {
		t.Errorf("of the topics before are gone: %v, %v", left, err)
	}

	j.epoch = 3 // and nobody can go back to where the job no longer is
	j.start(0)
	j.await("the refusal", func() bool {
		log, err := os.ReadFile(filepath.Join(j.folder, "w0.log"))
		must(err)
		return strings.Contains(string(log), "rows between would count twice")
	})
	j.stop()
}

// TestAStatelessUpgradeGoesOnAtTheOffsets gives the state up of a job that has made a savepoint and gone on: rows that need no state come
// out once all the same.
func TestAStatelessUpgradeGoesOnAtTheOffsets(t *testing.T) {
	j := newJob(t)
	j.savepoints = true
	fed := j.feeds()
	j.start(0)
	time.Sleep(feedFor / 5)
	hands := j.hands()
	const id = "sp-20261128T070000Z-1a2b3c"
	before, after := physical.Topics{Prefix: prefix, StateEpoch: 1}, physical.Topics{Prefix: prefix, StateEpoch: 2}
	j.must(hands.RequestSavepoint(t.Context(), before, id, time.Now(), time.Now().Add(time.Minute)))
	j.awaitSavepoint(hands, before, id)
	j.must(hands.ResumeJob(t.Context(), before, id, time.Now()))
	time.Sleep(feedFor / 5)
	j.stop()
	j.must(hands.Fence(t.Context(), prefix, 0))
	j.must(hands.CreateInternal(t.Context(), j.internal(after), 1, 1))
	j.epoch = 2
	j.start(0)
	have := <-fed
	seen := map[string]int{}
	cl, err := kgo.NewClient(kgo.SeedBrokers(j.broker.Address()), kgo.ConsumeTopics("copies"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	j.must(err)
	defer cl.Close()
	j.await("all copies", func() bool {
		poll, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) { seen[string(r.Value)]++ })
		return int64(len(seen)) >= have.rows
	})
	j.stop()
	for row, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", row, n)
		}
	}
}

func (j *job) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatal(err)
	}
}

// hands are the operator's.
func (j *job) hands() *kafkaadmin.Cluster {
	j.t.Helper()
	pool := kafkaadmin.NewPool(time.Now)
	j.t.Cleanup(pool.Close)
	hands, err := pool.Get(kafkaadmin.Identity{Connection: "c"}, kafka.Options{Brokers: []string{j.broker.Address()}})
	j.must(err)
	return hands
}

func (j *job) awaitSavepoint(hands *kafkaadmin.Cluster, names physical.Topics, id string) {
	j.t.Helper()
	j.await("the savepoint", func() bool {
		s, err := hands.Savepoint(j.t.Context(), names, id, time.Now(), []string{"rows_in"})
		j.must(err)
		if s.State == lifecycle.SavepointFailed {
			j.t.Fatal(s.Reason)
		}
		return s.State == lifecycle.SavepointFinished
	})
}

// internal lists the internal topics of the job's plan.
func (j *job) internal(names physical.Topics) []physical.InternalTopic {
	j.t.Helper()
	text, err := os.ReadFile(j.plan)
	j.must(err)
	plan, err := physical.Decode(text)
	j.must(err)
	return plan.Internal(names)
}
