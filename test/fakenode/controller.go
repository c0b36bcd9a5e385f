package fakenode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// nodeName is the node that all pods are on.
const nodeName = "fakenode"

// finalizer keeps a pod until its worker has ended, on API servers that know of no grace period.
const finalizer = "fakenode/worker"

// control does what the controller does about one StatefulSet: pods that lack are made, all at once, and those that are too many go. Pods of an
// older revision stay until somebody deletes them.
func (n *Node) control(ctx context.Context, set *appsv1.StatefulSet, pods []corev1.Pod) error {
	if !set.DeletionTimestamp.IsZero() {
		return nil
	}
	revision, err := revisionOf(set)
	if err != nil {
		return err
	}
	if set.Status.ObservedGeneration != set.Generation || set.Status.UpdateRevision != revision {
		set.Status.ObservedGeneration, set.Status.UpdateRevision = set.Generation, revision
		if err := n.Client.Status().Update(ctx, set); err != nil {
			return err
		}
	}
	there := map[string]bool{}
	for i := range pods {
		pod := &pods[i]
		there[pod.Name] = true
		ordinal, ours := ordinalOf(set, pod)
		if !ours || ordinal < *set.Spec.Replicas || !pod.DeletionTimestamp.IsZero() {
			continue
		}
		if err := n.Client.Delete(ctx, pod); err != nil {
			return err
		}
	}
	for ordinal := range *set.Spec.Replicas {
		name := fmt.Sprintf("%s-%d", set.Name, ordinal)
		if there[name] {
			continue
		}
		if err := n.Client.Create(ctx, podOf(set, name, revision)); err != nil {
			return err
		}
	}
	return nil
}

// revisionOf names a template.
func revisionOf(set *appsv1.StatefulSet) (string, error) {
	text, err := json.Marshal(set.Spec.Template)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return set.Name + "-" + hex.EncodeToString(sum[:5]), nil
}

// ordinalOf returns a pod's number, where it is of the set.
func ordinalOf(set *appsv1.StatefulSet, pod *corev1.Pod) (int32, bool) {
	if !metav1.IsControlledBy(pod, set) {
		return 0, false
	}
	ordinal, err := strconv.ParseInt(strings.TrimPrefix(pod.Name, set.Name+"-"), 10, 32)
	return int32(ordinal), err == nil
}

func podOf(set *appsv1.StatefulSet, name, revision string) *corev1.Pod {
	template := set.Spec.Template.DeepCopy()
	pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Name, pod.Namespace, pod.Finalizers = name, set.Namespace, []string{finalizer}
	pod.Labels = maps.Clone(pod.Labels)
	pod.Labels[appsv1.ControllerRevisionHashLabelKey] = revision
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("StatefulSet"))}
	pod.Spec.NodeName = nodeName
	pod.Spec.ServiceAccountName = "" // no admission plugin looks for the account
	for _, c := range set.Spec.VolumeClaimTemplates {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: c.Name, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
	}
	return pod
}

// remove lets a pod go whose worker has ended.
func (n *Node) remove(ctx context.Context, pod *corev1.Pod) error {
	if len(pod.Finalizers) > 0 {
		pod.Finalizers = nil
		if err := n.Client.Update(ctx, pod); err != nil {
			return err
		}
	}
	return client.IgnoreNotFound(n.Client.Delete(ctx, pod, client.GracePeriodSeconds(0)))
}
