//go:build envtest

package envtest

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// A node that does not answer keeps its pods in the API server for ever, and a StatefulSet has no second pod of a name.
func TestAPodOfALostNodeIsReplaced(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 2,")
	w.mu.Lock()
	w.deaf["job-1-1"] = true
	w.mu.Unlock()
	pod := &corev1.Pod{}
	if err := kube.Get(t.Context(), w.key("job-1-1"), pod); err != nil {
		t.Fatal(err)
	}
	old := pod.UID
	if err := kube.Delete(t.Context(), pod, client.GracePeriodSeconds(1)); err != nil { // as the one that empties lost nodes does
		t.Fatal(err)
	}
	replaced := func() error {
		err := kube.Get(t.Context(), w.key("job-1-1"), pod)
		if err == nil && pod.UID == old {
			return fmt.Errorf("it is there, and its time ended %v ago", time.Since(pod.DeletionTimestamp.Time))
		}
		return client.IgnoreNotFound(err)
	}
	if early := lifecycle.LostGrace - 5*time.Second; !stays(t, early, replaced) {
		t.Fatalf("it was replaced within %v", early)
	}
	w.await("another pod", replaced)
	w.awaitJob("Running 1 Ready")
	w.awaitEvent("job", v1alpha1.ReasonWorkerLost, "job-1-1")
}

// stays says whether something does not come about for a while.
func stays(t *testing.T, while time.Duration, about func() error) bool {
	t.Helper()
	for end := time.Now().Add(while); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if about() == nil {
			return false
		}
	}
	return true
}
