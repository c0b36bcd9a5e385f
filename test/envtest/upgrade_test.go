//go:build envtest

package envtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
)

const (
	saves = "savepoints: {url: 's3://saves/here'},"
	// firstCommit is all that a new version has to prove.
	firstCommit = "upgrade: {probation: {duration: 0s}},"
	sql2        = "FROM in TO out STATE s2 PLAN p2"
)

// commit lets the sources of an epoch commit, cut for a savepoint where one is named.
func (w *world) commit(epoch, seq, cut int64) {
	w.t.Helper()
	offsets := kadm.Offsets{}
	for number := range int32(2) {
		m := task.Meta{JobEpoch: epoch, Seq: seq, Cut: task.Cut{ID: cut}}
		offsets.Add(kadm.Offset{Topic: "in", Partition: number, LeaderEpoch: -1, Metadata: m.Encode()})
	}
	if err := w.kafka.CommitAllOffsets(w.t.Context(), w.job().Status.Prefix, offsets); err != nil {
		w.t.Fatal(err)
	}
}

// asked waits until epoch 1 is told something of a savepoint.
func (w *world) asked(kind command.Kind) (id string, number int64) {
	w.t.Helper()
	names := physical.Topics{Prefix: w.job().Status.Prefix, StateEpoch: 1}
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.broker.ListenAddrs()...), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{names.Control(): {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	w.await("a record "+string(kind), func() error {
		cl.PollRecords(w.t.Context(), 1).EachRecord(func(r *kgo.Record) {
			if c, err := command.Decode(r.Value); err == nil && c.Kind == kind && (kind != command.Savepoint || c.Stop) {
				id, number = c.ID, r.Offset+1
			}
		})
		if id == "" {
			return errors.New("none")
		}
		return nil
	})
	return id, number
}

// finish does what the workers of epoch 1 do about a savepoint.
func (w *world) finish() (id string) {
	w.t.Helper()
	id, number := w.asked(command.Savepoint)
	w.commit(1, 2, number)
	names := physical.Topics{Prefix: w.job().Status.Prefix, StateEpoch: 1}
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.broker.ListenAddrs()...))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	done := command.Record{Kind: command.Done, ID: id, At: time.Now()}
	if err := cl.ProduceSync(w.t.Context(), &kgo.Record{Topic: names.Control(), Value: done.Encode()}).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) args(epoch int64) []string {
	w.t.Helper()
	set := w.set(epoch)
	if set == nil {
		w.t.Fatalf("there is no workload of epoch %d", epoch)
	}
	return set.Spec.Template.Spec.Containers[0].Args
}

func TestAPlanWithOtherStateBeginsFromASavepoint(t *testing.T) {
	t.Parallel()
	w := running(t, saves+firstCommit)
	prefix := w.job().Status.Prefix
	w.commit(1, 1, 0)
	w.apply(jobYAML(sql2, saves+firstCommit))
	id := w.finish()
	job := w.awaitJob("Running 2 Ready")
	if s := job.Status; s.StateEpoch != 2 || s.Runtime.PlanHash != "p2" || s.LastSavepoint == nil || s.LastSavepoint.ID != id || s.Probation == nil {
		t.Errorf("status %+v", s)
	}
	args := w.args(2)
	for _, want := range []string{"--epoch=2", "--state-epoch=2", "--restore-from=" + id, "--restore-exactly"} {
		if !slices.Contains(args, want) {
			t.Errorf("no %s in %v", want, args)
		}
	}
	if former := w.topics(prefix + ".1."); len(former) != internalTopics {
		t.Errorf("what was before is gone before a commit: %v", former)
	}
	if err := kube.Get(t.Context(), w.key("job-1"), &corev1.ConfigMap{}); err != nil {
		t.Errorf("the plan to go back to: %v", err)
	}
	w.commit(2, 1, 0)
	w.await("what was before is deleted", func() error {
		if former := w.topics(prefix + ".1."); len(former) > 0 || w.job().Status.Probation != nil {
			return fmt.Errorf("there are %v, %+v", former, w.job().Status.Probation)
		}
		return nil
	})
	if len(w.topics(prefix+".2.")) != internalTopics {
		t.Errorf("topics %v", w.topics(prefix))
	}
	if again := w.args(2); !slices.Equal(args, again) {
		t.Errorf("the flags of the epoch changed: %v", again)
	}
}

func TestASavepointThatIsNotWantedAnyMoreLetsTheJobGoOn(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.apply(jobYAML(sql2, saves))
	w.asked(command.Savepoint)
	w.apply(jobYAML(sql1, saves))
	w.asked(command.Resume)
	if job := w.awaitJob("Running 1 Ready"); job.Status.Attempt != nil || job.Status.LastFailure != nil {
		t.Errorf("status %+v", job.Status)
	}
	w.apply(jobYAML(sql2, saves+"upgrade: {deadline: 10s},"))
	w.awaitRefusal(v1alpha1.ReasonSavepointFailed) // nobody makes it
	job := w.awaitJob("Running 1 SavepointFailed")
	if job.Status.Attempt != nil || job.Status.LastFailure == nil {
		t.Errorf("status %+v", job.Status)
	}
}

func TestAnEpochThatDoesNotBeginGoesBack(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.commit(1, 1, 0)
	w.mu.Lock()
	w.sick["job-2-0"] = true
	w.mu.Unlock()
	w.apply(jobYAML(sql2, saves+"upgrade: {deadline: 10s},"))
	id := w.finish()
	job := w.awaitJob("Running 3 RolledBack")
	if s := job.Status; s.StateEpoch != 3 || s.Runtime.PlanHash != "p1" || s.LastFailure == nil {
		t.Errorf("status %+v", s)
	}
	if args := w.args(3); !slices.Contains(args, "--restore-from="+id) {
		t.Errorf("args %v", args)
	}
	w.awaitRefusal(v1alpha1.ReasonRolledBack)
}

func TestASuspendedJobHasNoWorkersAndGoesOn(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.commit(1, 1, 0)
	w.apply(jobYAML(sql1, saves+"suspend: true,"))
	id := w.finish()
	job := w.awaitJob("Suspended 1 Suspended")
	if w.set(1) != nil || job.Status.Suspended == nil || job.Status.Suspended.Savepoint != id {
		t.Errorf("status %+v", job.Status)
	}
	if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionReady); c != nil {
		t.Errorf("%+v", c)
	}
	w.apply(jobYAML(sql1, saves+"suspend: false,"))
	w.awaitJob("Running 2 Ready")
	if args := w.args(2); !slices.Contains(args, "--restore-from="+id) || !slices.Contains(args, "--state-epoch=2") {
		t.Errorf("args %v", args)
	}
}

func TestWithoutAPlaceForSavepointsTheRemedyIsSaid(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	w.apply(jobYAML(sql2, ""))
	w.awaitRefusal(v1alpha1.ReasonSavepointsMissing)
	c := meta.FindStatusCondition(w.job().Status.Conditions, v1alpha1.ConditionStalled)
	if !strings.Contains(c.Message, "spec.savepoints.url") {
		t.Errorf("it says %s", c.Message)
	}
	w.apply(jobYAML(sql2, saves)) // the workers take it up, and then are asked
	w.finish()
	w.awaitJob("Running 2 Ready")
	if !slices.Contains(w.killed, "job-1-0") {
		t.Errorf("the worker did not take the place up: %v", w.killed)
	}
	w.apply(jobYAML("FROM in TO out STATE s3 PLAN p3", "upgrade: {mode: Stateless},"))
	job := w.awaitJob("Running 3 Ready")
	if job.Status.StateEpoch != 3 || slices.ContainsFunc(w.args(3), func(a string) bool { return strings.HasPrefix(a, "--restore") }) {
		t.Errorf("status %+v, args %v", job.Status, w.args(3))
	}
}

func TestASavepointNeedsAPlaceToBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, fields := range map[string]string{
		"needs spec.savepoints.url": "restoreFrom: sp-1,",
		"should match":              saves + "restoreFrom: ../other,",
		"between 10s and 24h":       "upgrade: {deadline: 1s},",
		"Unsupported value":         "upgrade: {mode: Sometimes},",
	} {
		if err := w.tryApply(jobYAML(sql1, fields)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %q", fields, err, name)
		}
	}
	w.apply(w.connection(), topicYAML("in", ""), topicYAML("out", ""), jobYAML(sql1, saves+"restoreFrom: sp-1,"))
	w.awaitJob("Running 1 Ready")
	if args := w.args(1); !slices.Contains(args, "--restore-from=sp-1") || slices.Contains(args, "--restore-exactly") {
		t.Errorf("args %v", args)
	}
}
