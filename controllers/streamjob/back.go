package streamjob

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/controllers/render"
)

// observeBack looks whether the plan is there that a job on probation could go back to, and whether that can take over the state of the one that runs.
func (p *pass) observeBack(ctx context.Context) error {
	s := &p.job.Status
	if s.Probation == nil || s.Probation.Runtime == nil || s.Attempt != nil && s.Held == nil {
		return nil
	}
	m := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: p.job.Namespace, Name: render.EpochName(p.job.Name, s.Probation.Epoch)}
	err := p.Client.Get(ctx, key, m)
	if apierrors.IsNotFound(err) { // or not in the cache yet
		err = p.Reader.Get(ctx, key, m)
	}
	if apierrors.IsNotFound(err) || err == nil && m.Annotations[render.AnnotationPlanHash] != s.Probation.Runtime.PlanHash {
		return nil
	}
	if err != nil {
		return err
	}
	before, err := render.ReadPlan(m)
	if err != nil {
		return err
	}
	running := p.stored
	if s.Attempt != nil {
		if running, err = p.storedPlan(ctx, s.Epoch); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	p.observed.PlanBefore, p.observed.MisfitBack = true, "the plan that ran is gone"
	if running != nil && err == nil {
		p.observed.MisfitBack = admission.Compare(running, before).Misfit(true)
	}
	return nil
}
