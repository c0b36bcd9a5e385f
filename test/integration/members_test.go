//go:build integration

package integration_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/connector/kafka"
)

func (j *job) cluster() *kafkaadmin.Cluster {
	j.t.Helper()
	pool := kafkaadmin.NewPool(time.Now)
	j.t.Cleanup(pool.Close)
	c, err := pool.Get(kafkaadmin.Identity{Connection: "c"}, kafka.Options{Brokers: []string{j.broker.Address()}})
	if err != nil {
		j.t.Fatal(err)
	}
	return c
}

// member is the id of a worker's process in the group, "" where it is not in, or nobody says so yet.
func (j *job) member(c *kafkaadmin.Cluster, ordinal int32) string {
	members, _ := c.Members(j.t.Context(), prefix) // the first group of a cluster waits for its coordinator
	return members[ordinal]
}

// TestAnEvictedWorkersTasksAreOthersAtOnce evicts a worker that hangs, as the operator does with one that is dead. The other one has its tasks
// before the session is over; it comes back to life, and every row counts once all the same: whoever is evicted is fenced, too.
func TestAnEvictedWorkersTasksAreOthersAtOnce(t *testing.T) {
	j := newJob(t)
	j.http = true
	defer j.stop()
	c := j.cluster()
	fed := j.feeds()
	j.start(0)
	j.start(1)
	j.await("both work", func() bool { return len(j.status(0).Tasks) == partitions && len(j.status(1).Tasks) == partitions })
	id := j.member(c, 1)
	j.signal(1, syscall.SIGSTOP)
	begin := time.Now()
	if err := c.EvictMembers(t.Context(), prefix, []lifecycle.Member{{Ordinal: 1, ID: id}}); err != nil {
		t.Fatal(err)
	}
	j.await("one works for both", func() bool { return len(j.status(0).Tasks) == 2*partitions })
	t.Logf("it took %v; a session lasts ten seconds and a half", time.Since(begin).Round(100*time.Millisecond))
	j.signal(1, syscall.SIGCONT)
	j.await("the other one is back", func() bool { now := j.member(c, 1); return now != "" && now != id })
	j.check(<-fed)
}

// TestAWorkerThatCameBackIsNotEvicted names a process that is not there any more.
func TestAWorkerThatCameBackIsNotEvicted(t *testing.T) {
	j := newJob(t)
	defer j.stop()
	c := j.cluster()
	fed := j.feeds()
	j.start(0)
	j.start(1)
	j.await("both are in", func() bool { return j.member(c, 0) != "" && j.member(c, 1) != "" })
	id := j.member(c, 1)
	j.signal(1, syscall.SIGKILL)
	j.await("it is back", func() bool { now := j.member(c, 1); return now != "" && now != id })
	back := j.member(c, 1)
	if err := c.EvictMembers(t.Context(), prefix, []lifecycle.Member{{Ordinal: 1, ID: id}}); err != nil {
		t.Fatal(err)
	}
	if now := j.member(c, 1); now != back {
		t.Errorf("it is %q, and was %q", now, back)
	}
	j.check(<-fed)
}
