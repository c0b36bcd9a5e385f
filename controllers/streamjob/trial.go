package streamjob

import (
	"cmp"
	"context"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// What a trial has is read past the cache, while one is under way: nothing watches it.
//+kubebuilder:rbac:groups=batch,resources=jobs,verbs=get;list;create;delete

// observeTrial looks for the work of the trial in the journal.
func (p *pass) observeTrial(ctx context.Context) error {
	t := p.job.Status.Trial
	if t == nil || t.Deadline == nil && t.Outcome == "" {
		return nil
	}
	w := &lifecycle.TrialWork{}
	name := render.TrialName(p.job.Name, t.ID)
	work := &batchv1.Job{}
	err := p.Reader.Get(ctx, client.ObjectKey{Namespace: p.job.Namespace, Name: name}, work)
	if err == nil && metav1.IsControlledBy(work, p.job) {
		w.State = stateOf(work)
	} else if client.IgnoreNotFound(err) != nil {
		return err
	}
	if err := p.observeTrialPods(ctx, name, w); err != nil {
		return err
	}
	if w.State == lifecycle.TrialBroken {
		w.Message = cmp.Or(w.Message, whyFailed(work))
	}
	p.observed.Trial = w
	if t.Outcome == "" && !p.Now().Before(t.Deadline.Time) && p.kafka != nil && p.plan != nil {
		names := p.names(0).Trial(t.Epoch, t.ID)
		if w.Commits, err = p.kafka.Tried(ctx, names, sources(p.plan, names)); err != nil {
			p.unreachable(err)
		}
	}
	return nil
}

// observeTrialPods looks what the pods of the trial say.
func (p *pass) observeTrialPods(ctx context.Context, name string, w *lifecycle.TrialWork) error {
	var pods corev1.PodList
	if err := p.Reader.List(ctx, &pods, client.InNamespace(p.job.Namespace), client.MatchingLabels{render.LabelTrial: p.job.Name}); err != nil {
		return err
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		if owner := metav1.GetControllerOf(pod); owner == nil || owner.Name != name {
			continue
		}
		if pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed {
			w.Pods = true
		}
		if why := p.explain(ctx, pod, trouble(pod, p.observed.Now)); why.Is() {
			w.Message = pod.Name + ": " + why.Message
		}
	}
	return nil
}

// stateOf is what the Job of a trial says of it. One that was ended for its time has not failed: its time is the operator's to judge.
func stateOf(work *batchv1.Job) lifecycle.TrialState {
	for _, c := range work.Status.Conditions {
		switch {
		case c.Status != corev1.ConditionTrue:
		case c.Type == batchv1.JobComplete:
			return lifecycle.TrialDone
		case c.Type == batchv1.JobFailed && c.Reason != batchv1.JobReasonDeadlineExceeded:
			return lifecycle.TrialBroken
		}
	}
	return lifecycle.TrialAtWork
}

func whyFailed(work *batchv1.Job) string {
	for _, c := range work.Status.Conditions {
		if c.Type == batchv1.JobFailed {
			return line("the Job " + work.Name + " has failed: " + c.Message)
		}
	}
	return ""
}

func (p *pass) doTrial(ctx context.Context, a lifecycle.Action) error {
	switch a.Kind {
	case lifecycle.ApplyTrial:
		return p.applyTrial(ctx, a)
	case lifecycle.StopTrial:
		return p.stopTrial(ctx, a)
	default:
		return p.endTrial(ctx, a)
	}
}

// applyTrial makes the plan and the worker of a trial, those that are not there. What can't be made, or is refused by a quota or a policy, fails the trial and not the pass,
// which is the running job's.
func (p *pass) applyTrial(ctx context.Context, a lifecycle.Action) error {
	if p.plan == nil {
		return fault.New(fault.Transient, fault.Place{}, "the plan that is to be tried is not compiled")
	}
	t := p.trial(a)
	plan, planErr := t.Plan(p.plan)
	work, err := t.Work()
	if err = cmp.Or(planErr, err); err != nil {
		p.trialRefused = line(err.Error())
		return nil
	}
	for _, o := range []client.Object{plan, work} {
		switch err := p.Client.Create(ctx, o, client.FieldOwner(object.FieldOwner)); {
		case apierrors.IsForbidden(err), apierrors.IsInvalid(err):
			p.trialRefused = line(err.Error())
			return nil
		case err != nil && !apierrors.IsAlreadyExists(err):
			return err
		}
	}
	return nil
}

func (p *pass) trial(a lifecycle.Action) *render.Trial {
	return &render.Trial{Workload: *p.workload(a), ID: a.ID, Rows: a.Rows, Timeout: a.Timeout}
}

// stopTrial deletes what a trial has on Kubernetes. Its savepoint's data goes with the StreamSavepoint.
func (p *pass) stopTrial(ctx context.Context, a lifecycle.Action) error {
	meta := metav1.ObjectMeta{Namespace: p.job.Namespace, Name: render.TrialName(p.job.Name, a.ID)}
	list := []client.Object{&batchv1.Job{ObjectMeta: meta}, &corev1.ConfigMap{ObjectMeta: meta}}
	if a.Name != "" {
		list = append(list, &v1alpha1.StreamSavepoint{ObjectMeta: metav1.ObjectMeta{Namespace: p.job.Namespace, Name: a.Name}})
	}
	for _, o := range list {
		err := p.Client.Delete(ctx, o, client.PropagationPolicy(metav1.DeletePropagationBackground))
		if client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// endTrial deletes what a trial has on Kafka. What can't be deleted holds nothing up: the trial stays in the journal, to be tried again, for a while.
func (p *pass) endTrial(ctx context.Context, a lifecycle.Action) error {
	if p.kafka == nil {
		return nil
	}
	names := p.names(0).Trial(a.Epoch, a.ID)
	err := p.kafka.EndTrial(ctx, names)
	if err == nil {
		return nil
	}
	t := p.job.Status.Trial
	if t != nil && t.EndedAt != nil && p.Now().Sub(t.EndedAt.Time) < lifecycle.TrialTidying && p.job.DeletionTimestamp.IsZero() {
		log.FromContext(ctx).Error(err, "what a trial has on Kafka is not deleted yet", "names", names.Prefix)
		p.trialLeft = true
		return nil
	}
	p.Events.Eventf(p.job, nil, corev1.EventTypeWarning, v1alpha1.ReasonTrialLeft, "Delete", "the topics and the group that begin with %s stay on Kafka: %v", names.Prefix, err)
	return nil
}

// keepTrial keeps the trial in the journal that something is left of, and writes there what has been refused to one that begins.
func (p *pass) keepTrial() {
	if p.trialLeft {
		p.job.Status.Trial = p.before.Status.Trial.DeepCopy()
	}
	if p.trialRefused != "" && p.job.Status.Trial != nil {
		p.job.Status.Trial.Message = p.trialRefused
	}
}

// tellTrial writes an event of what a trial has come to, where no condition says it.
func (p *pass) tellTrial() {
	now, before := p.job.Status.Trial, p.before.Status.Trial
	if now == nil || before == nil || now.Outcome == before.Outcome || now.Outcome != v1alpha1.TrialPassed {
		return
	}
	p.Events.Eventf(p.job, nil, corev1.EventTypeNormal, v1alpha1.ReasonTrialPassed, "Reconcile", "the new version has passed its trial %s and takes over: %s", now.ID, now.Message)
}
