//go:build envtest

package envtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/history"
	"github.com/millrace/millrace/controllers/render"
)

// revisions tells the job's ControllerRevisions, the oldest first: number, plan, and what became of it.
func (w *world) revisions() []string {
	w.t.Helper()
	var list appsv1.ControllerRevisionList
	if err := kube.List(w.t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	var told []string
	for _, r := range history.Mine(w.job(), list.Items) {
		outcome, _, _ := strings.Cut(r.Annotations[history.AnnotationOutcome], ":")
		told = append(told, strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Revision, r.Annotations[render.AnnotationPlanHash], outcome)))
	}
	return told
}

func (w *world) awaitRevisions(want ...string) {
	w.t.Helper()
	w.await(fmt.Sprintf("revisions %q", want), func() error {
		if got := w.revisions(); !slices.Equal(got, want) {
			return fmt.Errorf("there are %q", got)
		}
		return nil
	})
}

func TestEachVersionIsRecordedOnceAndNumbered(t *testing.T) {
	t.Parallel()
	const limit = "revisionHistoryLimit: 2,"
	w := running(t, limit)
	w.awaitRevisions("1 p1")
	first := w.job().Status.CurrentRevision
	w.apply(jobYAML("FROM in TO out STATE s1 PLAN p2", limit))
	job := w.awaitJob("Running 2 Ready")
	w.awaitRevisions("1 p1", "2 p2")
	r := &appsv1.ControllerRevision{}
	if err := kube.Get(t.Context(), w.key(job.Status.CurrentRevision), r); err != nil || !metav1.IsControlledBy(r, job) || !strings.Contains(string(r.Data.Raw), "PLAN p2") {
		t.Errorf("%v: %s, of %+v", err, r.Data.Raw, r.OwnerReferences)
	}
	if s := job.Status; s.CurrentRevision != s.UpdateRevision || s.CurrentRevision != s.Runtime.Revision || s.CurrentRevision == first {
		t.Errorf("status %+v", s)
	}
	w.apply(jobYAML(sql1, limit)) // what ran first is the newest again
	w.awaitJob("Running 3 Ready")
	w.awaitRevisions("2 p2", "3 p1")
	if again := w.job().Status.CurrentRevision; again != first {
		t.Errorf("the version that ran first is %s now, and was %s", again, first)
	}
	w.apply(jobYAML(sql1, limit+"parallelism: 2,")) // makes no version
	w.awaitJob("Running 3 Ready")
	w.apply(jobYAML(sql1, limit+"commitInterval: 200ms,")) // the same plan in other pods
	w.awaitJob("Running 3 Ready")
	w.awaitRevisions("2 p2", "3 p1", "4 p1")
	w.apply(jobYAML("FROM in TO out STATE s1 PLAN p5", limit))
	w.awaitJob("Running 4 Ready")
	w.awaitRevisions("3 p1", "4 p1", "5 p5")
}

// Whoever keeps the manifest in git sees that the job is degraded, and why; taking the commit back restarts nothing.
func TestAfterTheWayBackTheCommitIsTakenBackAndNothingRestarts(t *testing.T) {
	t.Parallel()
	w := running(t, saves)
	w.commit(1, 1, 0)
	w.mu.Lock()
	w.sick["job-2-0"] = true
	w.mu.Unlock()
	w.apply(jobYAML(sql2, saves+"upgrade: {deadline: 10s},"))
	w.finish()
	w.awaitJob("Running 3 RolledBack")
	w.awaitRefusal(v1alpha1.ReasonRolledBack)
	w.awaitRevisions("1 p1", "2 p2 RolledBack")
	job, set := w.job(), w.set(3)
	conditions := job.Status.Conditions // by kstatus Stalled is what fails, whatever Ready says
	if !meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionStalled) || meta.FindStatusCondition(conditions, v1alpha1.ConditionReconciling) != nil || job.Status.ObservedGeneration != job.Generation {
		t.Errorf("conditions %+v", conditions)
	}
	if s := job.Status; s.CurrentRevision == s.UpdateRevision {
		t.Errorf("status %+v", s)
	}
	pod := &corev1.Pod{}
	if err := kube.Get(t.Context(), w.key("job-3-0"), pod); err != nil {
		t.Fatal(err)
	}
	w.apply(jobYAML(sql1, saves))
	w.await("the job is as it should be", func() error {
		if s := w.job().Status; meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionStalled) != nil || s.LastFailure != nil || s.CurrentRevision != s.UpdateRevision {
			return fmt.Errorf("status %+v", s)
		}
		return nil
	})
	w.awaitJob("Running 3 Ready")
	w.awaitRevisions("2 p2 RolledBack", "3 p1")
	now := &corev1.Pod{}
	if err := kube.Get(t.Context(), w.key("job-3-0"), now); err != nil || now.UID != pod.UID || w.set(3).UID != set.UID || w.set(3).Generation != set.Generation {
		t.Errorf("something was restarted: %v", err)
	}
}
