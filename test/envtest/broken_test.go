//go:build envtest

package envtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// broken is a world whose workers never become ready, and whose pods are in a state.
func broken(t *testing.T, more string, state corev1.PodStatus) *world {
	t.Helper()
	w := newWorld(t)
	w.mu.Lock()
	w.sick["job-1-0"], w.sick["job-1-1"] = true, true
	w.mu.Unlock()
	w.apply(w.connection(), topicYAML("in", ""), topicYAML("out", ""), jobYAML(sql1, "parallelism: 2,"+more))
	state.Conditions = append(state.Conditions, corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse})
	for _, name := range []string{"job-1-0", "job-1-1"} {
		w.await("the pod "+name, func() error {
			pod := &corev1.Pod{}
			if err := kube.Get(t.Context(), w.key(name), pod); err != nil {
				return err
			}
			pod.Status = state
			return kube.Status().Update(t.Context(), pod)
		})
	}
	return w
}

func waits(reason, message string) []corev1.ContainerStatus {
	return []corev1.ContainerStatus{{Name: "worker", Image: "i", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}}
}

// awaitTrouble waits until the job says why its workers do not run.
func (w *world) awaitTrouble(reason, words string) {
	w.t.Helper()
	w.await("the reason "+reason, func() error {
		conditions := w.job().Status.Conditions
		failing := meta.FindStatusCondition(conditions, v1alpha1.ConditionWorkersFailing)
		ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
		if failing == nil || failing.Reason != reason || !strings.Contains(failing.Message, words) || ready.Reason != reason || !strings.Contains(ready.Message, words) {
			return fmt.Errorf("it says %+v", conditions)
		}
		return nil
	})
}

// recover lets new pods become ready.
func (w *world) recover() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sick = map[string]bool{}
}

// awaitHealth waits until all workers run and none is said to fail.
func (w *world) awaitHealth() {
	w.t.Helper()
	job := w.awaitJob("Running 1 Ready")
	if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionWorkersFailing); c != nil {
		w.t.Errorf("it still says %+v", c)
	}
}

// A StatefulSet with OnDelete leaves pods that can't run as they are, whatever its template says by now.
func TestWhatCannotRunIsSaidAndMakesWayForWhatCan(t *testing.T) {
	t.Parallel()
	crashed := waits("CrashLoopBackOff", "back-off")
	crashed[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 2, Reason: "Error", Message: `{"msg":"the worker ends","cause":"no such flag"}`}
	for name, c := range map[string]struct {
		broken, mended string
		state          corev1.PodStatus
		reason, words  string
	}{
		"an image":    {"runtimeVersion: typo,", "runtimeVersion: good,", corev1.PodStatus{ContainerStatuses: waits("ImagePullBackOff", "manifest unknown")}, v1alpha1.ReasonImagePullFailed, "manifest unknown"},
		"a container": {"template: {spec: {containers: [{name: worker, env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}},", "", corev1.PodStatus{ContainerStatuses: waits("CreateContainerConfigError", `secret "s" not found`)}, v1alpha1.ReasonContainerConfigError, `secret "s" not found`},
		"a process":   {"template: {spec: {containers: [{name: worker, args: [--no]}]}},", "", corev1.PodStatus{ContainerStatuses: crashed}, v1alpha1.ReasonWorkerCrashes, "no such flag"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := broken(t, c.broken, c.state)
			w.awaitTrouble(c.reason, c.words)
			w.awaitEvent("job", c.reason, c.words)
			w.recover()
			w.apply(jobYAML(sql1, "parallelism: 2,"+c.mended))
			w.awaitHealth()
			if len(w.killed) != 2 {
				t.Errorf("replaced %v", w.killed)
			}
		})
	}
}

// What a pod waits for is named, and nothing but the thing itself has to come.
func TestWhatAPodWaitsForIsNamed(t *testing.T) {
	t.Parallel()
	long := metav1.NewTime(time.Now().Add(-time.Hour))
	scheduled := []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: long}}
	unscheduled := []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: "pod has unbound claims", LastTransitionTime: long}}
	t.Run("a Secret", func(t *testing.T) {
		t.Parallel()
		w := broken(t, "api: {secretRef: {name: door}},", corev1.PodStatus{Conditions: scheduled, ContainerStatuses: waits("ContainerCreating", "")})
		w.awaitTrouble(v1alpha1.ReasonVolumeMissing, "the Secret door")
		w.awaitEvent("job", v1alpha1.ReasonVolumeMissing, "the Secret door")
		secret := &corev1.Secret{ObjectMeta: named(w, "door"), Data: map[string][]byte{"tls.crt": nil, "tls.key": nil}}
		if err := kube.Create(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		w.awaitTrouble(v1alpha1.ReasonVolumeMissing, "the key token of the Secret door")
	})
	t.Run("a claim", func(t *testing.T) {
		t.Parallel()
		w := broken(t, "state: {backend: Pebble, storage: {size: 1Gi, storageClassName: none}},", corev1.PodStatus{Conditions: unscheduled})
		w.awaitTrouble(v1alpha1.ReasonClaimPending, "the claim state-job-1-0 is not there")
		class := "none"
		for _, name := range []string{"state-job-1-0", "state-job-1-1"} {
			claim := &corev1.PersistentVolumeClaim{ObjectMeta: named(w, name), Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, StorageClassName: &class,
				Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
			}}
			if err := kube.Create(t.Context(), claim); err != nil {
				t.Fatal(err)
			}
		}
		w.awaitTrouble(v1alpha1.ReasonClaimPending, "of the class none is pending; pod has unbound claims")
	})
	t.Run("a node", func(t *testing.T) {
		t.Parallel()
		w := broken(t, "", corev1.PodStatus{Conditions: unscheduled})
		w.awaitTrouble(v1alpha1.ReasonUnschedulable, "pod has unbound claims")
	})
}
