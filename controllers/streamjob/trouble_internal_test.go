package streamjob

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/controllers/lifecycle"
)

func TestAPodSaysWhyItDoesNotRun(t *testing.T) {
	now := time.Unix(10_000, 0)
	waiting := func(reason, message string) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: "worker", Image: "w:1", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}
	}
	ended := func(status int32, reason, message string) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: status, Reason: reason, Message: message}}
	}
	again := func(ago time.Duration, last corev1.ContainerState) corev1.ContainerStatus {
		return corev1.ContainerStatus{
			Name: "worker", LastTerminationState: last,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(now.Add(-ago))}},
		}
	}
	crashing := waiting("CrashLoopBackOff", "back-off 10s restarting failed container")
	crashing.LastTerminationState = ended(2, "Error", "{\"msg\":\"begins\"}\n{\"level\":\"ERROR\",\"msg\":\"the worker ends\",\"cause\":\"plan: read the plan\"}\n")
	killed := waiting("CrashLoopBackOff", "")
	killed.LastTerminationState = ended(137, "OOMKilled", "")
	cases := map[string]struct {
		status corev1.PodStatus
		want   lifecycle.Trouble
	}{
		"nothing is known": {corev1.PodStatus{}, lifecycle.Trouble{}},
		"an image that is not there": {
			corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("ImagePullBackOff", "Back-off\npulling image")}},
			lifecycle.Trouble{Reason: "ImagePullFailed", Message: "container worker: ImagePullBackOff: image w:1: Back-off pulling image"},
		},
		"a variable of a Secret that is not there": {
			corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("CreateContainerConfigError", `secret "s" not found`)}},
			lifecycle.Trouble{Reason: "ContainerConfigError", Message: `container worker: CreateContainerConfigError: secret "s" not found`},
		},
		"a container in the making": {corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("ContainerCreating", "")}}, lifecycle.Trouble{}},
		"a worker that ends again and again says its cause": {
			corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{crashing}},
			lifecycle.Trouble{Reason: "WorkerCrashes", Message: "container worker: it ended with status 2: plan: read the plan"},
		},
		"a worker that takes too much memory": {
			corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{killed}},
			lifecycle.Trouble{Reason: "OutOfMemory", Message: "container worker: it was ended for taking more memory than its limit: raise spec.resources.limits.memory"},
		},
		"one that has begun again has to show that it stays": {
			corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{again(time.Second, ended(1, "Error", "no JSON"))}},
			lifecycle.Trouble{Reason: "WorkerCrashes", Message: "container worker: it ended with status 1: no JSON"},
		},
		"and has shown it after a while": {corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{again(time.Hour, ended(1, "Error", ""))}}, lifecycle.Trouble{}},
		"one that was told to end":       {corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{again(time.Second, ended(0, "Completed", ""))}}, lifecycle.Trouble{}},
		"an init container of a template": {
			corev1.PodStatus{InitContainerStatuses: []corev1.ContainerStatus{waiting("ErrImagePull", "no")}, ContainerStatuses: []corev1.ContainerStatus{waiting("PodInitializing", "")}},
			lifecycle.Trouble{Reason: "ImagePullFailed", Message: "container worker: ErrImagePull: image w:1: no"},
		},
		"no node takes it": {
			corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes are available"}}},
			lifecycle.Trouble{Reason: "Unschedulable", Message: "0/3 nodes are available"},
		},
		"words without end are cut": {
			corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("RunContainerError", strings.Repeat("ü", 1000))}},
			lifecycle.Trouble{Reason: "ContainerConfigError", Message: "container worker: RunContainerError: " + strings.Repeat("ü", (maxTroubleBytes-len("RunContainerError: "))/2) + "…"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := trouble(&corev1.Pod{Status: c.status}, now); got != c.want {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// Only a worker that surely does not run is away: one that has begun since would be thrown out of the group at its work.
func TestAWorkerIsAwayOnlyWhereItSurelyDoesNotRun(t *testing.T) {
	now := time.Unix(10_000, 0)
	worker := func(state corev1.ContainerState, ended time.Duration) corev1.Pod {
		s := corev1.ContainerStatus{Name: "worker", State: state}
		if ended > 0 {
			s.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{FinishedAt: metav1.NewTime(now.Add(-ended))}
		}
		return corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}, Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{s}}}
	}
	waits := func(reason string) corev1.ContainerState {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
	}
	ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	going := worker(ended, 0)
	going.DeletionTimestamp = &metav1.Time{Time: now}
	cases := map[string]struct {
		pod  corev1.Pod
		away bool
	}{
		"it has no node":                              {corev1.Pod{}, true},
		"it has one, and nothing is known":            {corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}}, false},
		"it was evicted":                              {corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}, Status: corev1.PodStatus{Phase: corev1.PodFailed}}, true},
		"it runs":                                     {worker(corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, 0), false},
		"it is in the making":                         {worker(waits("ContainerCreating"), 0), false},
		"it has ended, and is begun again":            {worker(ended, 0), false},
		"it has ended, and the pod is to go":          {going, true},
		"it begins to wait for its next start":        {worker(waits("CrashLoopBackOff"), time.Second), true},
		"it has waited, and may have begun meanwhile": {worker(waits("CrashLoopBackOff"), shortestBackOff), false},
	}
	for name, c := range cases {
		if got := away(&c.pod, now); got != c.away {
			t.Errorf("%s: away is %v", name, got)
		}
	}
}
