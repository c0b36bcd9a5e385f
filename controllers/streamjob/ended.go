package streamjob

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
)

// ended notes of a pod how often its worker has begun anew, and how it last ended with an error. A pod that has failed as a whole was ended by its
// node: a worker that crashes is begun anew where it is.
func ended(pod *corev1.Pod, to *lifecycle.Pod) {
	for i := range pod.Status.ContainerStatuses {
		s := &pod.Status.ContainerStatuses[i]
		if s.Name != render.WorkerContainer {
			continue
		}
		to.Restarts = s.RestartCount
		to.BackOff = s.State.Waiting != nil && s.State.Waiting.Reason == "CrashLoopBackOff"
		if pod.Status.Phase == corev1.PodFailed {
			return
		}
		for _, t := range []*corev1.ContainerStateTerminated{s.State.Terminated, s.LastTerminationState.Terminated} {
			if t == nil || t.ExitCode == 0 || t.Reason == "Unknown" || t.Reason == "ContainerStatusUnknown" { // the latter two are of a node that has begun anew
				continue
			}
			to.FailedAt, to.Failure = failedAt(t, pod), line(howEnded(t))
			return
		}
	}
}

// failedAt is when a container ended. A status without the time, as of a kubelet that has begun anew, is as old as the pod.
func failedAt(t *corev1.ContainerStateTerminated, pod *corev1.Pod) time.Time {
	if t.FinishedAt.IsZero() {
		return pod.CreationTimestamp.Time
	}
	return t.FinishedAt.Time
}

// howEnded says how a container has ended, with its worker's last words.
func howEnded(t *corev1.ContainerStateTerminated) string {
	if t.Reason == "OOMKilled" {
		return v1alpha1.ReasonOutOfMemory
	}
	message := fmt.Sprintf("it ended with status %d", t.ExitCode)
	if why := lastWords(t.Message); why != "" {
		message += ": " + why
	}
	return message
}
