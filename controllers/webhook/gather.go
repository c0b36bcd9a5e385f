package webhook

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/physical"
)

func topicsOf(ctx context.Context, from client.Reader, namespace string) ([]v1alpha1.StreamTopic, error) {
	var topics v1alpha1.StreamTopicList
	err := from.List(ctx, &topics, client.InNamespace(namespace))
	return topics.Items, err
}

// running reads the plan that a job runs, as the status says; nil where there is none. One that the cache has not is looked for past it.
func (h *Hook) running(ctx context.Context, from client.Reader, job *v1alpha1.StreamJob) (*physical.Plan, error) {
	if job == nil {
		return nil, nil //nolint:nilnil // a job that is new runs nothing
	}
	epoch, hash := render.StoredPlan(job)
	if hash == "" {
		return nil, nil //nolint:nilnil // it has never run
	}
	key := client.ObjectKey{Namespace: job.Namespace, Name: render.EpochName(job.Name, epoch)}
	m := &corev1.ConfigMap{}
	err := from.Get(ctx, key, m)
	if apierrors.IsNotFound(err) && from != h.live {
		err = h.live.Get(ctx, key, m)
	}
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // somebody has deleted it, and the answer says so
	}
	if err != nil {
		return nil, err
	}
	if !metav1.IsControlledBy(m, job) || m.Annotations[render.AnnotationPlanHash] != hash {
		return nil, nil //nolint:nilnil // it is another's
	}
	plan, err := render.ReadPlan(m)
	if err != nil {
		return nil, nil //nolint:nilnil,nilerr // the reconciler says so; a plan that can't be read is no reason to refuse another
	}
	return plan, nil
}

// readers are the jobs that a change of a topic may be something to.
func (h *Hook) readers(ctx context.Context, from client.Reader, topic *v1alpha1.StreamTopic) ([]admission.Reader, error) {
	var jobs v1alpha1.StreamJobList
	if err := from.List(ctx, &jobs, client.InNamespace(topic.Namespace)); err != nil {
		return nil, err
	}
	var list []admission.Reader
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if !admission.Names(job, topic) {
			continue
		}
		plan, err := h.running(ctx, from, job)
		if err != nil {
			return nil, err
		}
		list = append(list, admission.Reader{Job: job, Running: plan})
	}
	return list, nil
}
