//go:build envtest

package envtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/command"
	"github.com/millrace/millrace/runtime/physical"
)

func savepointYAML(name, more string) string {
	return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: StreamSavepoint, metadata: {name: %s}, spec: {%s jobRef: {name: job}}}`, name, more)
}

// removals does what the Job controller and a worker with --delete-savepoint would.
func (w *world) removals(ctx context.Context) error {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	var list batchv1.JobList
	if err := kube.List(ctx, &list, client.InNamespace(w.namespace)); err != nil || held {
		return err
	}
	for i := range list.Items {
		work := &list.Items[i]
		if len(work.Status.Conditions) > 0 {
			continue
		}
		now := metav1.Now()
		work.Status.StartTime, work.Status.CompletionTime, work.Status.Succeeded = &now, &now, 1
		work.Status.Conditions = []batchv1.JobCondition{
			{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: batchv1.JobComplete, Status: corev1.ConditionTrue, LastTransitionTime: now},
		}
		if err := kube.Status().Update(ctx, work); err != nil {
			return err
		}
		w.mu.Lock()
		w.erased = append(w.erased, strings.TrimPrefix(work.Spec.Template.Spec.Containers[0].Args[0], "--delete-savepoint="))
		w.mu.Unlock()
	}
	return nil
}

// savepoint reads one; nil where there is none.
func (w *world) savepoint(name string) *v1alpha1.StreamSavepoint {
	w.t.Helper()
	s := &v1alpha1.StreamSavepoint{}
	err := kube.Get(w.t.Context(), w.key(name), s)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// awaitSavepoint waits until one says what is expected: "Phase reason".
func (w *world) awaitSavepoint(name, want string) *v1alpha1.StreamSavepoint {
	w.t.Helper()
	var s *v1alpha1.StreamSavepoint
	w.await(name+" is "+want, func() error {
		if s = w.savepoint(name); s == nil {
			return errors.New("it is not there")
		}
		got := ""
		for _, c := range s.Status.Conditions {
			if c.Type == v1alpha1.ConditionReady {
				got = string(s.Status.Phase) + " " + c.Reason
			}
		}
		if got != want || s.Status.ObservedGeneration != s.Generation {
			return fmt.Errorf("it is %s: %+v", got, s.Status.Conditions)
		}
		return nil
	})
	return s
}

// awaitGone waits until there is no such savepoint.
func (w *world) awaitGone(name string) {
	w.t.Helper()
	w.await(name+" goes", func() error {
		if s := w.savepoint(name); s != nil {
			return fmt.Errorf("it is %s: %+v", s.Status.Phase, s.Status.Conditions)
		}
		return nil
	})
}

// requests lists the savepoints without a stop that the first state epoch's control topic asks for, in order.
func (w *world) requests() (ids []string) {
	w.t.Helper()
	names := physical.Topics{Prefix: w.job().Status.Prefix, StateEpoch: 1}
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.broker.ListenAddrs()...), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{names.Control(): {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(w.t.Context(), 300*time.Millisecond)
	defer cancel()
	for ctx.Err() == nil {
		cl.PollRecords(ctx, 0).EachRecord(func(r *kgo.Record) {
			if c, err := command.Decode(r.Value); err == nil && c.Kind == command.Savepoint && !c.Stop {
				ids = append(ids, c.ID)
			}
		})
	}
	return ids
}

// says has the workers of the first state epoch say something.
func (w *world) says(r command.Record) {
	w.t.Helper()
	names := physical.Topics{Prefix: w.job().Status.Prefix, StateEpoch: 1}
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.broker.ListenAddrs()...))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	r.At = time.Now()
	if err := cl.ProduceSync(w.t.Context(), &kgo.Record{Topic: names.Control(), Value: r.Encode()}).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// awaitRequest waits until the job is asked for the savepoint of a StreamSavepoint, and returns its id.
func (w *world) awaitRequest(name string) (id string) {
	w.t.Helper()
	w.await("the job is asked for "+name, func() error {
		s := w.savepoint(name)
		if s == nil || s.Status.ID == "" || !slices.Contains(w.requests(), s.Status.ID) {
			return errors.New("not yet")
		}
		id = s.Status.ID
		return nil
	})
	return id
}

// complete does what the workers of epoch 1 do about a StreamSavepoint of a job that goes on.
func (w *world) complete(name string) *v1alpha1.StreamSavepoint {
	w.t.Helper()
	id := w.awaitRequest(name)
	w.says(command.Record{Kind: command.Cut, ID: id})
	w.says(command.Record{Kind: command.Done, ID: id, Rows: 12, Bytes: 3456})
	return w.awaitSavepoint(name, "Completed SavepointCompleted")
}

func TestASavepointIsMadeByApplyingOne(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.apply(savepointYAML("before", ""))
	s := w.complete("before")
	if s.Status.Rows == nil || *s.Status.Rows != 12 || *s.Status.Bytes != 3456 || s.Status.CompletedAt == nil || s.Status.Epoch != 1 {
		t.Errorf("status %+v", s.Status)
	}
	if want := "s3://saves/here/" + w.job().Status.Prefix + "/savepoints/" + s.Status.ID; s.Status.Location != want {
		t.Errorf("at %s, want %s", s.Status.Location, want)
	}
	if ids := w.requests(); len(ids) != 1 {
		t.Errorf("the job was asked for %v", ids)
	}
	if job := w.job(); job.Status.Phase != v1alpha1.PhaseRunning || job.Status.Epoch != 1 {
		t.Errorf("the job was stopped: %+v", job.Status)
	}
	text, err := kubectl(t.Context(), "-n", w.namespace, "get", "ssp")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, text, "Completed", "Manual", "3456")
	if text, err := kubectl(t.Context(), "-n", w.namespace, "wait", "--for=condition=Ready", "--timeout=5s", "ssp/before"); err != nil {
		t.Errorf("%v: %s", err, text)
	}
	if err := kube.Delete(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	w.awaitGone("before")
	if len(w.erased) > 0 {
		t.Errorf("erased %v", w.erased)
	}
}

func TestASavepointWaitsForItsJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(savepointYAML("early", ""), savepointYAML("later", ""))
	w.awaitSavepoint("early", "Pending JobMissing")
	w.apply(w.connection(), topicYAML("in", ""), topicYAML("out", ""), jobYAML(sql1, ""))
	w.awaitSavepoint("early", "Pending SavepointsMissing")
	w.apply(jobYAML(sql1, saves))
	first := w.awaitRequest("early")
	w.awaitSavepoint("later", "Pending WaitingForSavepoint")
	w.says(command.Record{Kind: command.Aborted, ID: first, Reason: "the store does not answer"})
	w.awaitSavepoint("early", "Failed SavepointFailed")
	w.complete("later")
}

func TestTheDataOfASavepointGoesBeforeItsRecord(t *testing.T) {
	t.Parallel()
	w := running(t, saves+"template: {spec: {volumes: [{name: saves, hostPath: {path: /saves}}], containers: [{name: worker, volumeMounts: [{name: saves, mountPath: /saves}]}, {name: beside, image: x}]}},")
	w.apply(savepointYAML("gone", "deletionPolicy: Delete,"))
	s := w.complete("gone")
	w.mu.Lock()
	w.held = true
	w.mu.Unlock()
	if err := kube.Delete(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	w.awaitSavepoint("gone", "Deleting "+v1alpha1.ReasonDeleting)
	work := &batchv1.Job{}
	w.await("work that deletes the data", func() error { return kube.Get(t.Context(), w.key("savepoint-"+string(s.UID)), work) })
	pod := work.Spec.Template.Spec
	if pod.ServiceAccountName != "job-worker" || len(pod.Containers) != 1 || pod.Containers[0].VolumeMounts[0].Name != "saves" {
		t.Errorf("pod %+v", pod)
	}
	want := []string{"--delete-savepoint=" + s.Status.ID, "--savepoints=s3://saves/here", "--prefix=" + w.job().Status.Prefix}
	if !slices.Equal(pod.Containers[0].Args, want) {
		t.Errorf("args %v", pod.Containers[0].Args)
	}
	w.mu.Lock()
	w.held = false
	w.mu.Unlock()
	w.awaitGone("gone")
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.erased, []string{s.Status.ID}) {
		t.Errorf("erased %v", w.erased)
	}
}

func TestASavepointThatIsBeingMadeIsCancelledWhenItIsDeleted(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.apply(savepointYAML("unwanted", ""))
	w.awaitRequest("unwanted")
	if err := kube.Delete(t.Context(), w.savepoint("unwanted")); err != nil {
		t.Fatal(err)
	}
	w.asked(command.Resume)
	w.awaitGone("unwanted")
}

// Nothing can be made in a namespace that is being deleted, and what can't be deleted must not hold it.
func TestANamespaceThatIsDeletedIsNotHeldByItsSavepoints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(savepointYAML("kept", "deletionPolicy: Delete, existing: {id: sp-1, url: 'file:///saves'},"))
	s := w.awaitSavepoint("kept", "Completed SavepointCompleted")
	if err := kube.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}); err != nil {
		t.Fatal(err)
	}
	if err := kube.Delete(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	w.awaitGone("kept")
	if len(w.erased) > 0 {
		t.Errorf("erased %v", w.erased)
	}
}

func TestWhatASavepointIsOfDoesNotChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(savepointYAML("fixed", ""))
	for text, want := range map[string]string{
		`{apiVersion: millrace.dev/v1alpha1, kind: StreamSavepoint, metadata: {name: fixed}, spec: {jobRef: {name: other}}}`: "spec.jobRef is immutable",
		savepointYAML("fixed", "existing: {id: sp-1},"):                                                                      "spec.existing is immutable",
		savepointYAML("fixed", "origin: Scheduled,"):                                                                         "spec.origin is immutable",
		savepointYAML("new", "deadline: 1s,"):                                                                                "between 10s and 24h",
		savepointYAML("new", "existing: {id: ../x},"):                                                                        "should match",
		savepointYAML("new", "existing: {id: x, url: 's3://a@b'},"):                                                          "must not hold",
	} {
		if err := w.tryApply(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// records lists the names of the job's savepoints of an origin.
func (w *world) records(origin v1alpha1.SavepointOrigin) (list []v1alpha1.StreamSavepoint) {
	w.t.Helper()
	var all v1alpha1.StreamSavepointList
	if err := kube.List(w.t.Context(), &all, client.InNamespace(w.namespace), client.MatchingLabels{
		v1alpha1.LabelSavepointOf: "job", v1alpha1.LabelSavepointOrigin: string(origin),
	}); err != nil {
		w.t.Fatal(err)
	}
	return all.Items
}

func TestASavepointOfAnUpgradeIsRecorded(t *testing.T) {
	t.Parallel()
	w := running(t, saves+firstCommit)
	w.commit(1, 1, 0)
	w.apply(jobYAML(sql2, saves+firstCommit))
	id := w.finish()
	w.awaitJob("Running 2 Ready")
	list := w.records(v1alpha1.OriginUpgrade)
	if len(list) != 1 {
		t.Fatalf("there are %+v", list)
	}
	s := w.awaitSavepoint(list[0].Name, "Completed SavepointCompleted")
	if s.Status.ID != id || s.Status.URL != "s3://saves/here" || s.Status.Job != w.job().Status.Prefix || s.Status.Epoch != 1 || len(s.OwnerReferences) > 0 || s.Spec.DeletionPolicy != v1alpha1.DeletionRetain {
		t.Errorf("%+v", s)
	}
	w.commit(2, 1, 0)
	w.await("the probation ends", func() error {
		if p := w.job().Status.Probation; p != nil {
			return fmt.Errorf("%+v", p)
		}
		return nil
	})
}

// The job can't go on without it: not even a user who asks for its deletion gets it deleted.
func TestTheSavepointOfASuspendedJobStaysUntilItGoesOn(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.commit(1, 1, 0)
	w.apply(jobYAML(sql1, saves+"suspend: true,"))
	w.finish()
	w.awaitJob("Suspended 1 Suspended")
	list := w.records(v1alpha1.OriginSuspension)
	if len(list) != 1 {
		t.Fatalf("there are %+v", list)
	}
	name := list[0].Name
	s := w.awaitSavepoint(name, "Completed SavepointCompleted")
	s.Spec.DeletionPolicy = v1alpha1.DeletionDelete
	if err := errors.Join(kube.Update(t.Context(), s), kube.Delete(t.Context(), s)); err != nil {
		t.Fatal(err)
	}
	w.awaitSavepoint(name, "Completed InUse")
	w.apply(savepointYAML("another", ""))
	w.awaitSavepoint("another", "Pending Suspended")
	w.apply(jobYAML(sql1, saves+"suspend: false,"))
	w.awaitJob("Running 2 Ready")
	w.commit(2, 1, 0)
	w.awaitGone(name)
}

func TestOldSavepointsAreDeletedByRetention(t *testing.T) {
	t.Parallel()
	kept := "savepoints: {url: 's3://saves/here', retention: {maxCount: 1, origins: [Manual]}},"
	w := running(t, kept)
	ids := map[string]string{}
	for _, name := range []string{"first", "pinned", "second"} {
		policy := "Delete"
		if name == "pinned" {
			policy = "Retain"
		}
		w.apply(savepointYAML(name, "deletionPolicy: "+policy+","))
		id := w.awaitRequest(name)
		w.says(command.Record{Kind: command.Done, ID: id})
		w.awaitSavepoint(name, "Completed SavepointCompleted")
		ids[name] = id
		time.Sleep(time.Second) // times of savepoints have seconds
	}
	w.awaitGone("first")
	if w.savepoint("pinned") == nil || w.savepoint("second") == nil {
		t.Error("too much was deleted")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.erased, []string{ids["first"]}) {
		t.Errorf("erased %v, of %v", w.erased, ids)
	}
}

func TestASchedulesSavepointsAreThere(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	for text, want := range map[string]string{
		"savepoints: {url: 's3://saves/here', retention: {origins: [Manual]}},": "maxCount, maxAge or both",
		"savepoints: {url: 's3://saves/here', retention: {maxAge: 1s}},":        "at least 1m",
	} {
		if err := w.tryApply(jobYAML(sql1, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	w.apply(jobYAML(sql1, "savepoints: {url: 's3://saves/here', schedule: {cron: '0 0 31 2 *'}},")) // the webhook is off here
	w.await("what is wrong with it is said", func() error {
		job := w.job()
		for _, c := range job.Status.Conditions {
			if c.Type == v1alpha1.ConditionStalled && c.Reason == v1alpha1.ReasonInvalidSchedule {
				return nil
			}
		}
		return fmt.Errorf("%+v", job.Status.Conditions)
	})
	w.apply(jobYAML(sql1, "savepoints: {url: 's3://saves/here', schedule: {cron: '* * * * *'}},"))
	w.awaitJob("Running 1 Ready")
	job := w.job()
	w.await("the next time", func() error {
		if job = w.job(); job.Status.SavepointSchedule == nil {
			return errors.New("none")
		}
		return nil
	})
	before := job.DeepCopy() // nobody waits for a minute: it was due at once
	job.Status.SavepointSchedule.Next = metav1.NewTime(time.Now().Add(-time.Minute))
	if err := kube.Status().Patch(t.Context(), job, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	w.await("a scheduled savepoint", func() error {
		if list := w.records(v1alpha1.OriginScheduled); len(list) == 0 {
			return errors.New("none")
		}
		return nil
	})
	s := w.complete(w.records(v1alpha1.OriginScheduled)[0].Name)
	if s.Spec.Origin != v1alpha1.OriginScheduled || s.Spec.DeletionPolicy != v1alpha1.DeletionDelete {
		t.Errorf("%+v", s.Spec)
	}
	w.apply(jobYAML(sql1, "savepoints: {url: 's3://saves/here'},"))
}

func TestAJobWaitsForTheSavepointThatItBeginsFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.connection(), topicYAML("in", ""), topicYAML("out", ""), jobYAML(sql1, saves+"restoreFrom: savepoint/base,"))
	w.awaitJob("Pending 0 SavepointMissing")
	w.apply(savepointYAML("base", "existing: {id: sp-7},"))
	w.awaitJob("Running 1 Ready")
	if args := w.args(1); !slices.Contains(args, "--restore-from=sp-7") {
		t.Errorf("args %v", args)
	}
}
