package streamtopic

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
)

// readers names the StreamJobs of the topic's namespace and connection whose running plan reads it.
func (r *Reconciler) readers(ctx context.Context, topic *v1alpha1.StreamTopic) ([]string, error) {
	var jobs v1alpha1.StreamJobList
	if err := r.Client.List(ctx, &jobs, client.InNamespace(topic.Namespace)); err != nil {
		return nil, err
	}
	var names []string
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if job.Status.Epoch == 0 || job.Spec.ConnectionRef.Name != topic.Spec.ConnectionRef.Name {
			continue
		}
		m := &corev1.ConfigMap{}
		err := r.Reader.Get(ctx, client.ObjectKey{Namespace: job.Namespace, Name: render.EpochName(job.Name, job.Status.Epoch)}, m)
		if apierrors.IsNotFound(err) {
			continue // the job is on its way out
		}
		if err != nil {
			return nil, err
		}
		plan, err := render.ReadPlan(m)
		if err != nil {
			return nil, err
		}
		if slices.Contains(plan.SourceTopics(), topic.Topic()) {
			names = append(names, job.Name)
		}
	}
	return names, nil
}
