package streamjob

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/controllers/lifecycle"
)

func TestHowAWorkerEndedIsReadFromItsContainer(t *testing.T) {
	at := metav1.NewTime(time.Unix(1000, 0))
	end := func(code int32, reason string) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason, FinishedAt: at, Message: `{"cause":"division by zero"}`}}
	}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	off := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	crashed := lifecycle.Pod{Restarts: 2, FailedAt: at.Time, Failure: "it ended with status 1: division by zero"}
	waiting := crashed
	waiting.BackOff = true
	cases := map[string]struct {
		status corev1.ContainerStatus
		phase  corev1.PodPhase
		want   lifecycle.Pod
	}{
		"one that never ended":          {corev1.ContainerStatus{State: running}, corev1.PodRunning, lifecycle.Pod{}},
		"one that has begun anew":       {corev1.ContainerStatus{RestartCount: 2, State: running, LastTerminationState: end(1, "Error")}, corev1.PodRunning, crashed},
		"one that waits for its start":  {corev1.ContainerStatus{RestartCount: 2, State: off, LastTerminationState: end(1, "Error")}, corev1.PodRunning, waiting},
		"one that has ended just now":   {corev1.ContainerStatus{RestartCount: 2, State: end(1, "Error")}, corev1.PodRunning, crashed},
		"one that ended as it should":   {corev1.ContainerStatus{RestartCount: 2, State: running, LastTerminationState: end(0, "Completed")}, corev1.PodRunning, lifecycle.Pod{Restarts: 2}},
		"one whose node has begun anew": {corev1.ContainerStatus{RestartCount: 2, State: running, LastTerminationState: end(255, "Unknown")}, corev1.PodRunning, lifecycle.Pod{Restarts: 2}},
		"one that its node has evicted": {corev1.ContainerStatus{RestartCount: 2, State: end(137, "Error")}, corev1.PodFailed, lifecycle.Pod{Restarts: 2}},
		"one that took too much memory": {corev1.ContainerStatus{RestartCount: 1, State: running, LastTerminationState: end(137, "OOMKilled")}, corev1.PodRunning, lifecycle.Pod{Restarts: 1, FailedAt: at.Time, Failure: "OutOfMemory"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.status.Name = "worker"
			var got lifecycle.Pod
			ended(&corev1.Pod{Status: corev1.PodStatus{Phase: c.phase, ContainerStatuses: []corev1.ContainerStatus{{Name: "sidecar", LastTerminationState: end(1, "Error")}, c.status}}}, &got)
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
