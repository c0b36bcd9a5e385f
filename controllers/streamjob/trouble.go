package streamjob

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
)

const (
	// maxTroubleBytes bounds what is repeated of Kubernetes' words.
	maxTroubleBytes = 400
	// creatingPatience is how long a container may be in the making before it is asked what is missing: images are pulled and volumes mounted meanwhile.
	creatingPatience = 20 * time.Second
	// provingTime is how long a container that has begun again has to show that it stays: until then, or until it is ready, its last end counts.
	provingTime = time.Minute
)

// trouble says why a pod's containers do not run, by what the kubelet and the scheduler have written into its status.
func trouble(pod *corev1.Pod, now time.Time) lifecycle.Trouble {
	for _, list := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range list {
			if t := ofContainer(&list[i], now); t.Is() {
				t.Message = "container " + list[i].Name + ": " + t.Message
				return t
			}
		}
	}
	if c := condition(pod, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable {
		return lifecycle.Trouble{Reason: v1alpha1.ReasonUnschedulable, Message: line(c.Message)}
	}
	return lifecycle.Trouble{}
}

func ofContainer(s *corev1.ContainerStatus, now time.Time) lifecycle.Trouble {
	ended := s.State.Terminated
	switch w := s.State.Waiting; {
	case w != nil:
		switch w.Reason {
		case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError":
			return lifecycle.Trouble{Reason: v1alpha1.ReasonImagePullFailed, Message: line(w.Reason + ": image " + s.Image + ": " + w.Message)}
		case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
			return lifecycle.Trouble{Reason: v1alpha1.ReasonContainerConfigError, Message: line(w.Reason + ": " + w.Message)}
		case "CrashLoopBackOff":
			ended = s.LastTerminationState.Terminated
		default:
			return lifecycle.Trouble{}
		}
	case s.State.Running != nil && !s.Ready && now.Sub(s.State.Running.StartedAt.Time) < provingTime:
		ended = s.LastTerminationState.Terminated
	case s.State.Running != nil:
		return lifecycle.Trouble{}
	}
	if ended == nil || ended.ExitCode == 0 && ended.Reason == "Completed" {
		return lifecycle.Trouble{}
	}
	if ended.Reason == "OOMKilled" {
		return lifecycle.Trouble{Reason: v1alpha1.ReasonOutOfMemory, Message: "it was ended for taking more memory than its limit: raise spec.resources.limits.memory"}
	}
	return lifecycle.Trouble{Reason: v1alpha1.ReasonWorkerCrashes, Message: line(howEnded(ended))}
}

// lastWords is the cause in the last line of a worker's log, which the kubelet keeps of a container that failed, or the line itself.
func lastWords(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	last := lines[len(lines)-1]
	var said struct{ Cause, Msg string }
	if json.Unmarshal([]byte(last), &said) == nil {
		return cmp.Or(said.Cause, said.Msg)
	}
	return last
}

// shortestBackOff is how long a container that has ended again stays away at the least: the kubelet begins with ten seconds. It is less than that,
// since what is known of a pod is a second or two old.
const shortestBackOff = 8 * time.Second

// away says that no worker runs in a pod, and that none will within seconds: the pod has no node or has come to its end, or its worker has
// just begun to wait for its next start. A container in the making may run before that is known.
func away(pod *corev1.Pod, now time.Time) bool {
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return true
	}
	for i := range pod.Status.ContainerStatuses {
		s := &pod.Status.ContainerStatuses[i]
		if s.Name != render.WorkerContainer {
			continue
		}
		if s.State.Terminated != nil {
			return !pod.DeletionTimestamp.IsZero() // else it is begun anew at once
		}
		waits, last := s.State.Waiting, s.LastTerminationState.Terminated
		return waits != nil && waits.Reason == "CrashLoopBackOff" && last != nil && now.Sub(last.FinishedAt.Time) < shortestBackOff
	}
	return pod.Spec.NodeName == ""
}

// overdue is for how long a pod that is being deleted should have been gone.
func overdue(pod *corev1.Pod, now time.Time) time.Duration {
	if pod.DeletionTimestamp.IsZero() { // it is when the pod's grace ends
		return 0
	}
	return max(0, now.Sub(pod.DeletionTimestamp.Time))
}

// creating says whether a pod has a node, and its containers have been in the making for long.
func creating(pod *corev1.Pod, now time.Time) bool {
	c := condition(pod, corev1.PodScheduled)
	if c == nil || c.Status != corev1.ConditionTrue || now.Sub(c.LastTransitionTime.Time) < creatingPatience {
		return false
	}
	return !slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
		return s.State.Waiting == nil || s.State.Waiting.Reason != "ContainerCreating" && s.State.Waiting.Reason != "PodInitializing"
	})
}

func condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// line makes a text one line of bounded length.
func line(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) <= maxTroubleBytes {
		return text
	}
	cut := maxTroubleBytes
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
