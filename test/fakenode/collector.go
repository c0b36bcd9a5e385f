package fakenode

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Owned returns a list of each kind whose objects have owners.
func Owned() []client.ObjectList {
	return []client.ObjectList{
		&corev1.ConfigMapList{}, &corev1.ServiceList{}, &corev1.ServiceAccountList{}, &policyv1.PodDisruptionBudgetList{}, &networkingv1.NetworkPolicyList{},
	}
}

// collect deletes objects all of whose owners are gone.
func (n *Node) collect(ctx context.Context, sets []appsv1.StatefulSet, works []batchv1.Job, pods []corev1.Pod) error {
	there, err := n.owners(ctx)
	if err != nil {
		return err
	}
	var objects []client.Object
	for i := range works {
		there[works[i].UID] = true
		objects = append(objects, &works[i])
	}
	for i := range sets {
		there[sets[i].UID] = true
		objects = append(objects, &sets[i])
	}
	for i := range pods {
		objects = append(objects, &pods[i])
	}
	for _, list := range Owned() {
		if err := n.Client.List(ctx, list, client.InNamespace(n.Namespace)); err != nil {
			return err
		}
		err := meta.EachListItem(list, func(o runtime.Object) error {
			if o, ok := o.(client.Object); ok {
				objects = append(objects, o)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, o := range objects {
		if owners := o.GetOwnerReferences(); !o.GetDeletionTimestamp().IsZero() || len(owners) == 0 || anyOf(owners, there) {
			continue
		}
		if err := client.IgnoreNotFound(n.Client.Delete(ctx, o)); err != nil {
			return err
		}
	}
	return nil
}

// owners are the UIDs of the StreamJobs and StreamSavepoints that are there.
func (n *Node) owners(ctx context.Context) (map[types.UID]bool, error) {
	there := map[types.UID]bool{}
	for _, list := range []client.ObjectList{&v1alpha1.StreamJobList{}, &v1alpha1.StreamSavepointList{}} {
		if err := n.Client.List(ctx, list, client.InNamespace(n.Namespace)); err != nil {
			return nil, err
		}
		err := meta.EachListItem(list, func(o runtime.Object) error {
			if o, ok := o.(client.Object); ok {
				there[o.GetUID()] = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return there, nil
}

func anyOf(owners []metav1.OwnerReference, there map[types.UID]bool) bool {
	for _, o := range owners {
		if there[o.UID] {
			return true
		}
	}
	return false
}
