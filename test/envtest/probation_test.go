//go:build envtest

package envtest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
)

// crash lets the worker of a pod have ended with an error.
func (w *world) crash(name string) {
	w.t.Helper()
	w.await("the pod "+name, func() error {
		pod := &corev1.Pod{}
		if err := kube.Get(w.t.Context(), w.key(name), pod); err != nil {
			return err
		}
		now := metav1.Now()
		pod.Status.ContainerStatuses = waits("CrashLoopBackOff", "back-off")
		pod.Status.ContainerStatuses[0].RestartCount = 1
		pod.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: 1, Reason: "Error", FinishedAt: now, Message: `{"msg":"the worker ends","cause":"division by zero"}`,
		}
		return kube.Status().Update(w.t.Context(), pod)
	})
}

// proves says whether the clock of the job's probation goes.
func (w *world) proves() error {
	job := w.job()
	ready := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionReady)
	if p := job.Status.Probation; p == nil || p.CommittedAt == nil || p.Until == nil || !strings.Contains(ready.Message, "on probation until") {
		return fmt.Errorf("%+v, %+v", p, ready)
	}
	return nil
}

func TestAVersionThatFailsOnProbationIsHeldAndTriesAgain(t *testing.T) {
	t.Parallel()
	const holds = saves + "upgrade: {rollback: Hold},"
	w := running(t, holds)
	w.commit(1, 1, 0)
	w.apply(jobYAML(sql2, holds))
	w.finish()
	w.awaitJob("Running 2 Ready")
	w.commit(2, 1, 0)
	w.await("the clock of the probation", w.proves)
	time.Sleep(time.Second) // a container's end has seconds alone
	w.crash("job-2-0")
	job := w.awaitJob("Held 2 Held")
	stalled := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionStalled)
	if stalled == nil || stalled.Reason != v1alpha1.ReasonHeld || !strings.Contains(stalled.Message, "division by zero") || job.Status.Held == nil || w.set(2) != nil {
		t.Errorf("it is %+v, and says %+v", job.Status.Held, stalled)
	}
	w.awaitEvent("job", v1alpha1.ReasonHeld, "division by zero")
	for _, plan := range []string{"job-1", "job-2"} {
		if err := kube.Get(t.Context(), w.key(plan), &corev1.ConfigMap{}); err != nil {
			t.Errorf("the plan %s: %v", plan, err)
		}
	}

	var out, said bytes.Buffer
	if err := w.commandLine(administrator).Resume(t.Context(), cluster.SuspendOptions{Job: "job", Timeout: patience, Stdout: &out, Stderr: &said}); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "streamjob.millrace.dev/job resumed: 1 workers run in epoch 3\n")
	job = w.awaitJob("Running 3 Ready")
	if job.Status.Held != nil || job.Status.StateEpoch != 2 || job.Status.Runtime.PlanHash != "p2" {
		t.Errorf("it goes on as %+v", job.Status)
	}
	w.await("the wish is taken off", func() error {
		if v, there := w.job().Annotations[v1alpha1.AnnotationHeld]; there {
			return fmt.Errorf("it says %s", v)
		}
		return nil
	})
}
