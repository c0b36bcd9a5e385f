package streamjob

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/object"
)

// observeRecords looks for the StreamSavepoints of the job, and before the first start for the one that it is to begin from.
func (p *pass) observeRecords(ctx context.Context) error {
	var err error
	if p.observed.Records.List, err = p.records(ctx, p.Client); err != nil {
		return err
	}
	name, named := strings.CutPrefix(p.job.Spec.RestoreFrom, v1alpha1.SavepointNamePrefix)
	if !named || p.job.Status.Epoch > 0 || p.job.Status.Attempt != nil {
		return nil
	}
	s := &v1alpha1.StreamSavepoint{}
	err = p.Reader.Get(ctx, client.ObjectKey{Namespace: p.job.Namespace, Name: name}, s)
	if err == nil {
		p.observed.Records.Restore = s
	}
	return client.IgnoreNotFound(err)
}

func (p *pass) records(ctx context.Context, from client.Reader) ([]v1alpha1.StreamSavepoint, error) {
	var list v1alpha1.StreamSavepointList
	if err := from.List(ctx, &list, client.InNamespace(p.job.Namespace)); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list.Items, func(s v1alpha1.StreamSavepoint) bool { return s.Spec.JobRef.Name != p.job.Name }), nil
}

// keepRecord makes a StreamSavepoint. It has no owner: it outlives its job. One that the API server forbids, by a quota or in a namespace that is
// being deleted, holds nothing up: the job's sources may be held meanwhile.
func (p *pass) keepRecord(ctx context.Context, r *lifecycle.NewRecord) error {
	s := &v1alpha1.StreamSavepoint{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.job.Namespace, Name: r.Name,
			Labels: map[string]string{v1alpha1.LabelSavepointOf: p.job.Name, v1alpha1.LabelSavepointOrigin: string(r.Origin)},
		},
		Spec: v1alpha1.StreamSavepointSpec{
			JobRef: v1alpha1.JobReference{Name: p.job.Name}, Origin: r.Origin, DeletionPolicy: r.Policy, Existing: r.Existing,
			Deadline: p.job.Spec.Upgrade.Deadline,
		},
	}
	err := p.Client.Create(ctx, s, client.FieldOwner(object.FieldOwner))
	switch {
	case apierrors.IsAlreadyExists(err):
		return nil
	case apierrors.IsForbidden(err):
		p.Events.Eventf(p.job, nil, corev1.EventTypeWarning, v1alpha1.ReasonSavepointUnrecorded, "Reconcile", "there is no StreamSavepoint %s: %v", r.Name, err)
		return nil
	default:
		return err
	}
}

// dropRecord deletes a StreamSavepoint, if retention does not keep it by what there is past the cache either.
func (p *pass) dropRecord(ctx context.Context, name string) error {
	list, err := p.records(ctx, p.Reader)
	if err != nil {
		return err
	}
	surplus, _ := lifecycle.Surplus(p.job, list, p.observed.Now)
	i := slices.IndexFunc(list, func(s v1alpha1.StreamSavepoint) bool { return s.Name == name })
	if i < 0 || !slices.Contains(surplus, name) {
		return nil
	}
	return client.IgnoreNotFound(p.Client.Delete(ctx, &list[i], client.Preconditions{UID: &list[i].UID, ResourceVersion: &list[i].ResourceVersion}))
}

// ofSavepoint are the jobs to which a StreamSavepoint is something: its own, and those that are to begin from it.
func (r *Reconciler) ofSavepoint(ctx context.Context, o client.Object) []reconcile.Request {
	s, ok := o.(*v1alpha1.StreamSavepoint)
	if !ok {
		return nil
	}
	var jobs v1alpha1.StreamJobList
	if err := r.Client.List(ctx, &jobs, client.InNamespace(s.Namespace)); err != nil {
		log.FromContext(ctx).Error(err, "list the jobs of a savepoint")
		return nil
	}
	var requests []reconcile.Request
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if job.Name == s.Spec.JobRef.Name || job.Status.Epoch == 0 && job.Spec.RestoreFrom == v1alpha1.SavepointNamePrefix+s.Name {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(job)})
		}
	}
	return requests
}
