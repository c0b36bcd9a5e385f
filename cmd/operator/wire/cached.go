package wire

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/controllers/render"
)

// cached says what the operator keeps copies of: of the kinds that everybody has, only the objects that carry the label of a job, and of every kind only
// those of the namespaces, where some are named. Without the label it would hold each pod of the cluster.
func cached(namespaces []string) (cache.Options, error) {
	ours, err := labels.Parse(render.LabelJob)
	if err != nil {
		return cache.Options{}, err
	}
	o := cache.Options{ByObject: map[client.Object]cache.ByObject{}, DefaultTransform: cache.TransformStripManagedFields()}
	for _, kind := range []client.Object{
		&appsv1.StatefulSet{}, &corev1.Pod{}, &corev1.ConfigMap{}, &corev1.Service{}, &corev1.ServiceAccount{},
		&policyv1.PodDisruptionBudget{}, &networkingv1.NetworkPolicy{},
	} {
		o.ByObject[kind] = cache.ByObject{Label: ours}
	}
	removals, err := labels.Parse(render.LabelRemoval)
	if err != nil {
		return cache.Options{}, err
	}
	o.ByObject[&batchv1.Job{}] = cache.ByObject{Label: removals}
	for _, n := range namespaces {
		if o.DefaultNamespaces == nil {
			o.DefaultNamespaces = map[string]cache.Config{}
		}
		o.DefaultNamespaces[n] = cache.Config{}
	}
	return o, nil
}

// uncached are kinds that are never watched, whoever reads them: a copy of a Secret is one more place to lose it from, and the rights to list
// and watch them are those to have them all.
func uncached() []client.Object {
	return []client.Object{&corev1.Secret{}, &corev1.PersistentVolumeClaim{}}
}
