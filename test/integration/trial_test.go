//go:build integration

package integration_test

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/physical"
)

// TestATrialReadsRealRowsAndNobodySeesItsOwn tries three versions of a job on a real broker while the job goes on: one that works, from a savepoint and from
// the job's offsets, and one whose output the broker refuses. The job's output has each row once, its group and topics are what they were.
func TestATrialReadsRealRowsAndNobodySeesItsOwn(t *testing.T) { //nolint:gocyclo // a list of comparisons, one after the other
	j := newJob(t)
	j.savepoints = true
	t.Cleanup(func() { // what a test that fails leaves at work
		for n := range 2 {
			j.retire(n)
		}
	})
	fed := j.feeds()
	j.start(0)
	j.start(1)
	time.Sleep(feedFor / 4)
	id := j.create(false)
	time.Sleep(feedFor / 4) // rows behind the savepoint
	hands := j.hands()
	names := physical.Topics{Prefix: prefix, StateEpoch: 1}

	running := j.plan
	j.plan = filepath.Join(j.folder, "tried.json")
	j.sql = strings.NewReplacer("n BIGINT)", "n BIGINT, most BIGINT)", "COUNT(*) FROM", "COUNT(*), MAX(id) FROM").Replace(query)
	j.compile(partitions)
	if out, err := j.try("aaaaaa", "--restore-from", id); err != nil {
		t.Fatalf("a trial of a query that works: %v\n%s", err, out)
	}
	tried := j.count(kgo.ReadUncommitted()) - j.count(kgo.ReadCommitted())
	if tried < trialRows {
		t.Errorf("%d records of the trial, or of commits that were open, came to the outputs, want more than %d", tried, trialRows)
	}
	if out, err := j.try("bbbbbb"); err != nil {
		t.Fatalf("a trial from the job's offsets: %v\n%s", err, out)
	}
	if more := j.count(kgo.ReadUncommitted()) - j.count(kgo.ReadCommitted()) - tried; more < trialRows/2 {
		t.Errorf("%d records more came of the second one", more)
	}

	admin := kadm.NewClient(j.client)
	tight := "100" // a transaction marker takes 78
	_, err := admin.CreateTopic(t.Context(), 1, 1, map[string]*string{"max.message.bytes": &tight}, "tight")
	j.must(err)
	j.sql = query + "\nCREATE TABLE tight (k STRING, id BIGINT) WITH ('topic' = 'tight', 'format' = 'json');\nINSERT INTO tight SELECT k, id FROM rows_in;"
	j.compile(partitions)
	out, err := j.try("cccccc", "--restore-from", id)
	exit, failed := errors.AsType[*exec.ExitError](err)
	if !failed || exit.ExitCode() != 2 || !strings.Contains(out, "MESSAGE_TOO_LARGE") || !strings.Contains(out, "tight") {
		t.Errorf("a trial whose records are too large: %v\n%s", err, out)
	}

	j.plan = running
	for _, trial := range []string{"aaaaaa", "bbbbbb", "cccccc"} {
		t2 := names.Trial(2, trial)
		for range 2 {
			j.must(hands.EndTrial(t.Context(), t2))
		}
	}
	topics, err := admin.ListTopics(t.Context())
	j.must(err)
	if i := slices.IndexFunc(topics.Names(), func(n string) bool { return strings.Contains(n, "trial") }); i >= 0 {
		t.Errorf("%s is left", topics.Names()[i])
	}
	groups, err := admin.ListGroups(t.Context())
	j.must(err)
	if g := groups.Groups(); !slices.Equal(g, []string{prefix}) {
		t.Errorf("the groups %v are left", g)
	}
	j.check(<-fed)
	j.stop()
	if found, err := hands.HasState(t.Context(), lifecycle.Remains{Prefix: prefix}); err != nil || !found {
		t.Errorf("the job's own state is there: %v, %v", found, err)
	}
}

const trialRows = 400

// try runs a trial of the plan to its end, and returns its log.
func (j *job) try(trial string, more ...string) (string, error) {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(j.t.Context(), patience)
	defer cancel()
	args := append([]string{
		"--plan", j.plan, "--brokers", j.broker.Address(), "--prefix", prefix, "--epoch", "2", "--ordinal", "0", "--state-dir", filepath.Join(j.folder, trial), "--http", "",
		"--savepoints", "file://" + filepath.Join(j.folder, "savepoints"), "--trial", trial, "--trial-rows", strconv.Itoa(trialRows), "--trial-for", "2s",
	}, more...)
	begin := time.Now()
	out, err := exec.CommandContext(ctx, j.binary, args...).CombinedOutput()
	j.t.Logf("trial %s: %v after %v", trial, err, time.Since(begin))
	return string(out), err
}

// count counts the records of the outputs that a reader sees now.
func (j *job) count(level kgo.IsolationLevel) (records int64) {
	j.t.Helper()
	ends, err := kadm.NewClient(j.client).ListEndOffsets(j.t.Context(), "copies", "counts")
	j.must(err)
	cl, err := kgo.NewClient(kgo.SeedBrokers(j.broker.Address()), kgo.ConsumeTopics("copies", "counts"), kgo.FetchIsolationLevel(level), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	j.must(err)
	defer cl.Close()
	for quiet := 0; quiet < 3; quiet++ {
		poll, cancel := context.WithTimeout(j.t.Context(), time.Second)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			end, _ := ends.Lookup(r.Topic, r.Partition)
			if r.Offset < end.Offset {
				records++
				quiet = 0
			}
		})
		cancel()
	}
	return records
}
