package streamjob

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

//+kubebuilder:rbac:groups="",resources=namespaces,verbs=get

// observeNamespace looks whether the namespace of a job that is to leave a savepoint behind is being deleted. It is asked for past the cache, which
// would watch all namespaces.
func (p *pass) observeNamespace(ctx context.Context) error {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	err := p.Reader.Get(ctx, client.ObjectKey{Name: p.job.Namespace}, namespace)
	p.observed.NamespaceGoes = apierrors.IsNotFound(err) || err == nil && !namespace.DeletionTimestamp.IsZero()
	return client.IgnoreNotFound(err)
}

// observeLast looks for the savepoint that a deleted job is to stop at.
func (p *pass) observeLast(ctx context.Context) error {
	if p.kafka == nil {
		return nil
	}
	return p.observeUpgrade(ctx)
}
