package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// turnEvery is how often StatefulSets are looked at.
const turnEvery = 200 * time.Millisecond

// play makes the pods of StatefulSets, calls them ready, and deletes those that nobody wants, as controllers and kubelets would.
func (k *cluster) play(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := k.turn(ctx); err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("play the controllers: %w", err)
		}
		_ = sleep(ctx, turnEvery) // the loop sees the context's end
	}
	return nil
}

func (k *cluster) turn(ctx context.Context) error {
	var sets appsv1.StatefulSetList
	pods, err := k.pods(ctx)
	if err := errors.Join(err, k.kube.List(ctx, &sets)); err != nil {
		return err
	}
	there, wanted := map[string]bool{}, map[string]bool{}
	for i := range pods {
		there[pods[i].Namespace+"/"+pods[i].Name] = true
	}
	var missing []*corev1.Pod
	for i := range sets.Items {
		set := &sets.Items[i]
		for n := range *set.Spec.Replicas {
			name := fmt.Sprintf("%s-%d", set.Name, n)
			wanted[set.Namespace+"/"+name] = true
			if !there[set.Namespace+"/"+name] {
				missing = append(missing, podOf(set, name))
			}
		}
	}
	var gone []*corev1.Pod
	for i := range pods {
		if !wanted[pods[i].Namespace+"/"+pods[i].Name] {
			gone = append(gone, &pods[i])
		}
	}
	return errors.Join(
		each(ctx, len(missing), func(ctx context.Context, i int) error { return k.begin(ctx, missing[i]) }),
		each(ctx, len(gone), func(ctx context.Context, i int) error {
			return k.kube.Delete(ctx, gone[i], client.GracePeriodSeconds(0))
		}),
	)
}

// pods are those of StatefulSets.
func (k *cluster) pods(ctx context.Context) ([]corev1.Pod, error) {
	var list corev1.PodList
	err := k.kube.List(ctx, &list, client.HasLabels{revisionLabel})
	return list.Items, err
}

// awaitPods waits until there are that many.
func (k *cluster) awaitPods(ctx context.Context, n int) error {
	for {
		pods, err := k.pods(ctx)
		if err != nil || len(pods) == n {
			return err
		}
		if err := sleep(ctx, turnEvery); err != nil {
			return fmt.Errorf("%d of %d pods are there: %w", len(pods), n, err)
		}
	}
}

const revisionLabel = appsv1.ControllerRevisionHashLabelKey

func podOf(set *appsv1.StatefulSet, name string) *corev1.Pod {
	template := set.Spec.Template.DeepCopy()
	pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Name, pod.Namespace = name, set.Namespace
	pod.Labels = maps.Clone(pod.Labels)
	pod.Labels[revisionLabel] = set.Name
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("StatefulSet"))}
	pod.Spec.NodeName = "node"
	pod.Spec.ServiceAccountName = "" // no admission plugin looks for the account
	for _, c := range set.Spec.VolumeClaimTemplates {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: c.Name, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
	}
	return pod
}

// begin makes a pod that is ready.
func (k *cluster) begin(ctx context.Context, pod *corev1.Pod) error {
	if err := k.kube.Create(ctx, pod); err != nil {
		return err
	}
	now := metav1.Now()
	pod.Status = corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &now, Conditions: []corev1.PodCondition{
		{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now}, {Type: corev1.ContainersReady, Status: corev1.ConditionTrue, LastTransitionTime: now},
	}}
	return k.kube.Status().Update(ctx, pod)
}
