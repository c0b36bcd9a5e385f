package streamjob

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

// maxLooked bounds how many objects of a pod are looked at in a pass.
const maxLooked = 32

// explain looks for what keeps a pod from starting that its status does not say: the kubelet tells only events of a Secret that is not there, and
// the scheduler does not say what a claim waits for. It asks only about pods that have waited for a while, by name, past the cache; what it is not
// told stays unsaid.
func (p *pass) explain(ctx context.Context, pod *corev1.Pod, said lifecycle.Trouble) lifecycle.Trouble {
	switch {
	case said.Reason == v1alpha1.ReasonUnschedulable:
		return p.pendingClaim(ctx, pod, said)
	case !said.Is() && creating(pod, p.observed.Now):
		return p.missing(ctx, pod)
	default:
		return said
	}
}

func (p *pass) pendingClaim(ctx context.Context, pod *corev1.Pod, said lifecycle.Trouble) lifecycle.Trouble {
	for i := range pod.Spec.Volumes {
		source := pod.Spec.Volumes[i].PersistentVolumeClaim
		if source == nil || i >= maxLooked {
			continue
		}
		claim := &corev1.PersistentVolumeClaim{}
		err := p.Reader.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: source.ClaimName}, claim)
		switch {
		case apierrors.IsNotFound(err):
			return lifecycle.Trouble{Reason: v1alpha1.ReasonClaimPending, Message: line("the claim " + source.ClaimName + " is not there; " + said.Message)}
		case err != nil:
			log.FromContext(ctx).Error(err, "look at the claim of a pod that no node takes", "pod", pod.Name)
			return said
		case claim.Status.Phase == corev1.ClaimPending:
			class := "the cluster's default class"
			if c := claim.Spec.StorageClassName; c != nil && *c != "" {
				class = "the class " + *c
			}
			return lifecycle.Trouble{Reason: v1alpha1.ReasonClaimPending, Message: line(fmt.Sprintf(
				"the claim %s of %s is pending; %s", source.ClaimName, class, said.Message))}
		}
	}
	return said
}

// reference is an object that a pod mounts, and the keys of it that must be there.
type reference struct {
	object client.Object
	kind   string
	name   string
	keys   []string
}

func (p *pass) missing(ctx context.Context, pod *corev1.Pod) lifecycle.Trouble {
	list := references(&pod.Spec)
	for _, r := range list[:min(len(list), maxLooked)] {
		err := p.Reader.Get(ctx, client.ObjectKey{Namespace: pod.Namespace, Name: r.name}, r.object)
		switch {
		case apierrors.IsNotFound(err):
			return lifecycle.Trouble{Reason: v1alpha1.ReasonVolumeMissing, Message: line(fmt.Sprintf("it waits for the %s %s, which is not there", r.kind, r.name))}
		case err != nil:
			log.FromContext(ctx).Error(err, "look for what a pod mounts", "pod", pod.Name)
			return lifecycle.Trouble{}
		}
		for _, key := range r.keys {
			if !has(r.object, key) {
				return lifecycle.Trouble{Reason: v1alpha1.ReasonVolumeMissing, Message: line(fmt.Sprintf("it waits for the key %s of the %s %s, which is not there", key, r.kind, r.name))}
			}
		}
	}
	return lifecycle.Trouble{}
}

func has(o client.Object, key string) bool {
	switch o := o.(type) {
	case *corev1.Secret:
		_, ok := o.Data[key]
		return ok
	case *corev1.ConfigMap:
		_, text := o.Data[key]
		_, bytes := o.BinaryData[key]
		return text || bytes
	default:
		return true
	}
}

// references lists what a pod mounts of its namespace and can't do without.
func references(pod *corev1.PodSpec) []reference {
	var list []reference
	secret := func(name string, optional *bool, items []corev1.KeyToPath) {
		if optional == nil || !*optional {
			list = append(list, reference{&corev1.Secret{}, "Secret", name, keysOf(items)})
		}
	}
	configMap := func(name string, optional *bool, items []corev1.KeyToPath) {
		if optional == nil || !*optional {
			list = append(list, reference{&corev1.ConfigMap{}, "ConfigMap", name, keysOf(items)})
		}
	}
	for i := range pod.Volumes {
		v := &pod.Volumes[i]
		if s := v.Secret; s != nil {
			secret(s.SecretName, s.Optional, s.Items)
		}
		if m := v.ConfigMap; m != nil {
			configMap(m.Name, m.Optional, m.Items)
		}
		if v.Projected == nil {
			continue
		}
		for _, source := range v.Projected.Sources {
			if s := source.Secret; s != nil {
				secret(s.Name, s.Optional, s.Items)
			}
			if m := source.ConfigMap; m != nil {
				configMap(m.Name, m.Optional, m.Items)
			}
		}
	}
	return list
}

func keysOf(items []corev1.KeyToPath) []string {
	keys := make([]string, 0, len(items))
	for _, i := range items {
		keys = append(keys, i.Key)
	}
	return keys
}
