package streamjob_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// A namespace waits for its jobs, and nobody can mend a connection in it any more.
func TestAJobWhoseBrokersAreAwayDoesNotHoldItsNamespaceForEver(t *testing.T) {
	t.Parallel()
	w, _ := settled(t, 2)
	w.broker.Close()
	for _, namespace := range []string{"ns-000", "ns-001"} {
		o := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Finalizers: []string{"test/kept"}}}
		w.create(o)
		if namespace == "ns-000" {
			if err := w.store.Delete(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		w.leave(namespace)
	}
	for key := range w.due {
		look := func() (goes bool) {
			_, _ = w.jobs.Reconcile(t.Context(), ctrl.Request{NamespacedName: key}) // of an error the API server is told
			err := w.store.Get(t.Context(), key, &v1alpha1.StreamJob{})
			return apierrors.IsNotFound(err)
		}
		if look() {
			t.Errorf("%s is let go before anybody has tried for long", key)
		}
		begun := w.now
		w.now = w.now.Add(lifecycle.NamespaceGrace + time.Second)
		if got, want := look(), key.Namespace == "ns-000"; got != want {
			t.Errorf("%s is let go: %t, want %t", key, got, want)
		}
		w.now = begun
	}
}

// leave deletes the job of a namespace, and its workers.
func (w *world) leave(namespace string) {
	w.t.Helper()
	job := &v1alpha1.StreamJob{}
	for key := range w.due {
		if key.Namespace == namespace {
			if err := w.store.Get(w.t.Context(), key, job); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	if err := w.store.Delete(w.t.Context(), job); err != nil {
		w.t.Fatal(err)
	}
	w.now = time.Now() // by which the API server in memory has written when that was
}
