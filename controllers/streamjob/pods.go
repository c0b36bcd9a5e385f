package streamjob

import (
	"context"
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// keepPods gives a workload the pods that were made for what the user asks, by whichever operator; or makes them, and keeps them. They are on the plan's
// ConfigMap, which outlives the StatefulSet as long as the job may go back to its epoch; it has them before a pod does. A copy is on the
// StatefulSet, for a ConfigMap that somebody deletes. Before pods are made anew it is looked past the cache: what it does not show yet
// may be another operator's.
func (p *pass) keepPods(ctx context.Context, w *render.Workload, podHash string) error {
	key := client.ObjectKey{Namespace: p.job.Namespace, Name: render.EpochName(p.job.Name, w.Epoch)}
	w.KeptFor = render.PodsKey(podHash, w.Image)
	var err error
	if w.Kept, err = p.keptPods(ctx, key, w.KeptFor); err != nil {
		return err
	}
	if w.Kept == "" {
		if w.Kept, err = w.Pods(); err != nil {
			return err
		}
		w.KeptFor = render.PodsKey(lifecycle.PodHash(&p.job.Spec, &p.connection), w.Image) // the spec may be a newer one than the journal's
	}
	p.renderedBy = render.RenderedBy(w.Kept)
	return p.keepWithPlan(ctx, key, w)
}

// keptPods returns the pods that an epoch's objects hold for a key; empty is none.
func (p *pass) keptPods(ctx context.Context, epoch client.ObjectKey, key string) (string, error) {
	for _, from := range []client.Reader{p.Client, p.Reader} {
		for _, holder := range []client.Object{&corev1.ConfigMap{}, &appsv1.StatefulSet{}} {
			if err := from.Get(ctx, epoch, holder); apierrors.IsNotFound(err) {
				continue
			} else if err != nil {
				return "", err
			}
			kept, ok := render.KeptPods(holder.GetAnnotations(), key)
			if ok && metav1.IsControlledBy(holder, p.job) {
				return kept, nil
			}
		}
	}
	return "", nil
}

// keepWithPlan notes a workload's pods on the ConfigMap of its plan, if it is there and holds others.
func (p *pass) keepWithPlan(ctx context.Context, key client.ObjectKey, w *render.Workload) error {
	plan := &corev1.ConfigMap{}
	if err := p.Client.Get(ctx, key, plan); apierrors.IsNotFound(err) {
		err = p.Reader.Get(ctx, key, plan)
		if err != nil {
			return client.IgnoreNotFound(err)
		}
	} else if err != nil {
		return err
	}
	if !metav1.IsControlledBy(plan, p.job) || plan.Annotations[render.AnnotationPods] == w.Kept && plan.Annotations[render.AnnotationPodsOf] == w.KeptFor {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": plan.UID, "annotations": map[string]string{render.AnnotationPods: w.Kept, render.AnnotationPodsOf: w.KeptFor},
	}})
	if err != nil {
		return fault.Wrap(fault.Bug, err, "encode a patch")
	}
	return client.IgnoreNotFound(p.Client.Patch(ctx, plan, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(object.FieldOwner)))
}

// copyPods lets a further epoch of a plan have the pods that it had before: to go back to a plan is to go back to its pods.
func (p *pass) copyPods(ctx context.Context, from int64, to *corev1.ConfigMap) error {
	plan := &corev1.ConfigMap{}
	if err := p.Reader.Get(ctx, client.ObjectKey{Namespace: p.job.Namespace, Name: render.EpochName(p.job.Name, from)}, plan); err != nil {
		return err
	}
	for _, name := range []string{render.AnnotationPods, render.AnnotationPodsOf} {
		if value, ok := plan.Annotations[name]; ok {
			to.Annotations[name] = value
		}
	}
	return nil
}

// signed writes into the status who made the pods.
func (p *pass) signed() {
	if r := p.job.Status.Runtime; r != nil && p.renderedBy != "" {
		r.RenderedBy = p.renderedBy
	}
}
