package streamjob_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// A namespace's quota forbids a pod: Kubernetes says so in an event of the StatefulSet alone, and the operator in the job's conditions.
func TestPodsThatAreNotMadeAreSaid(t *testing.T) {
	t.Parallel()
	w, _ := settled(t, 1)
	key := client.ObjectKey{Namespace: "ns-000", Name: "job"}
	failing := func() *metav1.Condition {
		t.Helper()
		job := &v1alpha1.StreamJob{}
		if err := w.store.Get(t.Context(), key, job); err != nil {
			t.Fatal(err)
		}
		return meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionWorkersFailing)
	}
	job := &v1alpha1.StreamJob{}
	if err := w.store.Get(t.Context(), key, job); err != nil {
		t.Fatal(err)
	}
	job.Spec.Parallelism, job.Generation = 2, 2
	if err := w.store.Update(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w.due[key] = w.now
	w.run(25*time.Second, nil) // nobody makes the second pod here
	if c := failing(); c != nil {
		t.Errorf("it is said before its time: %+v", c)
	}
	w.run(25*time.Second, nil)
	if c := failing(); c == nil || c.Reason != v1alpha1.ReasonPodsMissing ||
		!strings.Contains(c.Message, "1 of 2 pods have not been made: a ResourceQuota") || !strings.Contains(c.Message, "kubectl -n ns-000 describe statefulset -l millrace.dev/job=job") {
		t.Errorf("got %+v", c)
	}
	set := &appsv1.StatefulSet{}
	if err := w.store.Get(t.Context(), client.ObjectKey{Namespace: key.Namespace, Name: "job-1"}, set); err != nil {
		t.Fatal(err)
	}
	second := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: "job-1-1", Labels: maps.Clone(set.Spec.Template.Labels)}, Spec: set.Spec.Template.Spec,
		Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
	}
	second.Labels[appsv1.ControllerRevisionHashLabelKey] = "r"
	w.create(second)
	w.run(11*time.Second, nil)
	if c := failing(); c != nil {
		t.Errorf("it is still said: %+v", c)
	}
}
