package fakenode

import (
	"context"
	"maps"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// carryOut does what the controller does about one Job: it has a pod, which is begun once, and says what became of it. Work that deletes the data of a savepoint is done at
// once: whoever runs a node has the store.
func (n *Node) carryOut(ctx context.Context, work *batchv1.Job, pods []corev1.Pod) error {
	if !work.DeletionTimestamp.IsZero() || len(work.Status.Conditions) > 0 {
		return nil
	}
	if slices.ContainsFunc(work.Spec.Template.Spec.Containers[0].Args, func(arg string) bool { return strings.HasPrefix(arg, "--delete-savepoint=") }) {
		return n.closes(ctx, work, batchv1.JobComplete, "")
	}
	for i := range pods {
		pod := &pods[i]
		if !metav1.IsControlledBy(pod, work) {
			continue
		}
		switch pod.Status.Phase {
		case corev1.PodSucceeded:
			return n.closes(ctx, work, batchv1.JobComplete, "")
		case corev1.PodFailed:
			return n.closes(ctx, work, batchv1.JobFailed, batchv1.JobReasonBackoffLimitExceeded)
		default:
			return nil
		}
	}
	template := work.Spec.Template.DeepCopy()
	pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Name, pod.Namespace, pod.Finalizers = work.Name+"-0", work.Namespace, []string{finalizer}
	pod.Labels = maps.Clone(pod.Labels)
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(work, batchv1.SchemeGroupVersion.WithKind("Job"))}
	pod.Spec.NodeName, pod.Spec.ServiceAccountName = nodeName, ""
	return n.Client.Create(ctx, pod)
}

// closes ends a Job.
func (n *Node) closes(ctx context.Context, work *batchv1.Job, how batchv1.JobConditionType, reason string) error {
	now := metav1.Now()
	if how == batchv1.JobComplete {
		work.Status.StartTime, work.Status.CompletionTime = &now, &now
		work.Status.Conditions = append(work.Status.Conditions, batchv1.JobCondition{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue, LastTransitionTime: now})
	} else {
		work.Status.StartTime = &now
		work.Status.Conditions = append(work.Status.Conditions, batchv1.JobCondition{Type: batchv1.JobFailureTarget, Status: corev1.ConditionTrue, Reason: reason, LastTransitionTime: now})
	}
	work.Status.Conditions = append(work.Status.Conditions, batchv1.JobCondition{Type: how, Status: corev1.ConditionTrue, Reason: reason, LastTransitionTime: now})
	return n.Client.Status().Update(ctx, work)
}

// ends says in a pod's status how its worker has ended, which is not begun again.
func (n *Node) ends(ctx context.Context, pod *corev1.Pod, p *process) error {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return nil
	}
	end := &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: metav1.Now(), FinishedAt: metav1.Now()}
	pod.Status.Phase = corev1.PodSucceeded
	if p.failure != nil {
		pod.Status.Phase = corev1.PodFailed
		end.Reason, end.ExitCode, end.Message = "Error", 2, p.failure.Error()
	}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: pod.Spec.Containers[0].Name, Image: pod.Spec.Containers[0].Image, State: corev1.ContainerState{Terminated: end},
	}}
	return n.Client.Status().Update(ctx, pod)
}
