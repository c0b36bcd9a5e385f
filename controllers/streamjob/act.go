package streamjob

import (
	"context"
	"errors"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// act does the actions in order, up to the first that fails.
func (p *pass) act(ctx context.Context, actions []lifecycle.Action) error {
	for _, a := range actions {
		if a.Kind != lifecycle.ApplyWorkload {
			log.FromContext(ctx).Info(a.Kind.String(), "epoch", a.Epoch, "pod", a.Pod, "ordinals", a.Ordinals, "savepoint", a.ID)
		}
		err := p.do(ctx, a)
		if err != nil && !a.IfPossible {
			return err
		}
		if err != nil {
			p.left(ctx, err)
		}
	}
	return nil
}

// left says that what the job has on Kafka stays there. In a namespace that is being deleted the API server takes no events: the log has it, too.
func (p *pass) left(ctx context.Context, why error) {
	log.FromContext(ctx).Info("what the job has on Kafka stays there", "prefix", p.prefix(), "cause", why.Error())
	p.Events.Eventf(p.job, nil, corev1.EventTypeWarning, v1alpha1.ReasonInternalTopicsLeft, "Delete",
		"the internal topics and the group %s stay on Kafka, which can't be reached any more: %s", p.prefix(), why)
}

func (p *pass) do(ctx context.Context, a lifecycle.Action) error {
	switch a.Kind {
	case lifecycle.AddFinalizer:
		return p.change(object.AddFinalizer(ctx, p.Client, p.job, Finalizer))
	case lifecycle.DropConsent, lifecycle.DropTryAgain:
		annotation := map[lifecycle.ActionKind]string{lifecycle.DropConsent: v1alpha1.AnnotationFoundState, lifecycle.DropTryAgain: v1alpha1.AnnotationHeld}[a.Kind]
		return p.change(object.RemoveAnnotation(ctx, p.Client, p.job, annotation))
	case lifecycle.StorePlan:
		return p.storePlan(ctx, a.Epoch, a.From)
	case lifecycle.RecordVersion, lifecycle.EndVersion:
		return p.doVersion(ctx, a)
	case lifecycle.KeepRecord:
		return p.keepRecord(ctx, a.Record)
	case lifecycle.DropRecord:
		return p.dropRecord(ctx, a.Name)
	case lifecycle.StopOthers:
		return p.stopOthers(ctx, a.Epoch, a.Keep, a.Before)
	case lifecycle.ApplyWorkload:
		return p.applyWorkload(ctx, a)
	case lifecycle.DeletePod:
		return p.deletePod(ctx, a.Pod)
	case lifecycle.ForgetPod:
		return p.forget(ctx, a)
	case lifecycle.ApplyTrial, lifecycle.StopTrial, lifecycle.EndTrial:
		return p.doTrial(ctx, a)
	case lifecycle.RemoveFinalizer, lifecycle.DeleteJob:
		return p.letGo(ctx, a)
	default:
		return p.doOnKafka(ctx, a)
	}
}

// letGo deletes the job, or lets one go that is deleted.
func (p *pass) letGo(ctx context.Context, a lifecycle.Action) error {
	if a.Kind == lifecycle.DeleteJob {
		return p.deleteJob(ctx)
	}
	p.released = true
	if c := p.observed.Connection; c.Is() && p.job.Status.Epoch > 0 && p.job.Status.CompletedAt == nil {
		p.left(ctx, errors.New(c.Message))
	}
	return object.RemoveFinalizer(ctx, p.Client, p.job, Finalizer)
}

// deletePod makes room for a pod of the latest revision. After a change of the StatefulSet in this very pass it is not known which one that is.
func (p *pass) deletePod(ctx context.Context, name string) error {
	if p.rerolled {
		return nil
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: p.job.Namespace, Name: name}}
	return client.IgnoreNotFound(p.Client.Delete(ctx, pod))
}

// forget deletes a pod of a lost node from the API server alone.
func (p *pass) forget(ctx context.Context, a lifecycle.Action) error {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: p.job.Namespace, Name: a.Pod}}
	uid := types.UID(a.UID)
	err := p.Client.Delete(ctx, pod, client.GracePeriodSeconds(0), client.Preconditions{UID: &uid})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) { // gone, or another one by now
		return nil
	}
	if err == nil {
		p.Events.Eventf(p.job, nil, corev1.EventTypeWarning, v1alpha1.ReasonWorkerLost, "Replace",
			"the node of %s does not say that the pod is gone: its worker is fenced on Kafka, and another one takes its place", a.Pod)
	}
	return err
}

// change is for after a change of the job itself: the status is compared with the object as it is now.
func (p *pass) change(err error) error {
	if err == nil {
		p.before = p.job.DeepCopy()
	}
	return err
}

func (p *pass) doOnKafka(ctx context.Context, a lifecycle.Action) error {
	if p.kafka == nil {
		return fault.New(fault.Transient, fault.Place{}, "%s: there is no connection to Kafka", a.Kind)
	}
	names := p.names(a.StateEpoch)
	switch a.Kind {
	case lifecycle.RequestSavepoint:
		return p.kafka.RequestSavepoint(ctx, names, a.ID, p.observed.Now, a.Deadline)
	case lifecycle.ResumeJob:
		return p.kafka.ResumeJob(ctx, names, a.ID, p.observed.Now)
	case lifecycle.DropState:
		remains, err := p.remains(ctx)
		if err != nil {
			return err
		}
		return p.kafka.DropState(ctx, remains, a.StateEpoch)
	case lifecycle.Fence:
		return p.kafka.Fence(ctx, p.prefix(), a.MaxOrdinal)
	case lifecycle.CreateInternal:
		plan, err := p.storedPlan(ctx, a.Epoch)
		if err != nil {
			return err
		}
		replicas, minInSync := render.Durability(p.job)
		return p.kafka.CreateInternal(ctx, plan.Internal(names), replicas, minInSync)
	case lifecycle.RemoveMembers:
		return p.kafka.RemoveMembers(ctx, p.prefix(), a.Ordinals)
	case lifecycle.EvictMembers:
		return p.kafka.EvictMembers(ctx, p.prefix(), a.Members)
	case lifecycle.CleanUp:
		remains, err := p.remains(ctx)
		if err != nil {
			return err
		}
		remains.MaxOrdinal, remains.LastEpoch = a.MaxOrdinal, a.Epoch
		return p.kafka.CleanUp(ctx, remains)
	default:
		return fault.New(fault.Bug, fault.Place{}, "no such action: %d", a.Kind)
	}
}

// storePlan writes the plan of an epoch that is about to begin, or whose plan was deleted: the one that was compiled, or
// that of another epoch. One that is there of another plan is of an intent that was never written, and makes way.
func (p *pass) storePlan(ctx context.Context, epoch, from int64) error {
	plan := p.plan
	if from > 0 {
		var err error
		if plan, err = p.storedPlan(ctx, from); err != nil {
			return err
		}
	}
	want, err := render.PlanConfigMap(p.job, epoch, plan)
	if err != nil {
		return err
	}
	if from > 0 {
		if err := p.copyPods(ctx, from, want); err != nil {
			return err
		}
	}
	have := &corev1.ConfigMap{}
	err = p.Reader.Get(ctx, client.ObjectKeyFromObject(want), have)
	switch {
	case apierrors.IsNotFound(err):
		return p.Client.Create(ctx, want, client.FieldOwner(object.FieldOwner))
	case err != nil:
		return err
	case !metav1.IsControlledBy(have, p.job):
		return fault.New(fault.User, fault.Place{}, "ConfigMap %s exists and is not this job's", want.Name).Do("delete it, or give the job another name")
	case have.Annotations[render.AnnotationPlanHash] == want.Annotations[render.AnnotationPlanHash]:
		return nil
	}
	if err := p.Client.Delete(ctx, have, client.Preconditions{UID: &have.UID}); client.IgnoreNotFound(err) != nil {
		return err
	}
	return p.Client.Create(ctx, want, client.FieldOwner(object.FieldOwner))
}

// stopOthers deletes the StatefulSets of all epochs but one, and their plans but those of others.
func (p *pass) stopOthers(ctx context.Context, keep int64, keepPlans ...int64) error {
	var sets appsv1.StatefulSetList
	var plans corev1.ConfigMapList
	for _, list := range []client.ObjectList{&sets, &plans} {
		if err := p.Client.List(ctx, list, client.InNamespace(p.job.Namespace), client.MatchingLabels{render.LabelJob: p.job.Name}); err != nil {
			return err
		}
	}
	var others []client.Object
	for i := range sets.Items {
		others = append(others, &sets.Items[i])
	}
	for i := range plans.Items {
		if epoch, _ := epochOf(&plans.Items[i]); !slices.Contains(keepPlans, epoch) {
			others = append(others, &plans.Items[i])
		}
	}
	for _, o := range others {
		epoch, ok := epochOf(o)
		if !ok || epoch == keep || !metav1.IsControlledBy(o, p.job) || !o.GetDeletionTimestamp().IsZero() {
			continue
		}
		err := p.Client.Delete(ctx, o, client.PropagationPolicy(metav1.DeletePropagationBackground))
		if client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

func (p *pass) applyWorkload(ctx context.Context, a lifecycle.Action) error {
	workload := p.workload(a)
	if err := p.keepPods(ctx, workload, a.PodHash); err != nil {
		return err
	}
	objects, err := workload.Objects()
	if err != nil {
		return err
	}
	applier := object.Applier{Client: p.Client, Reader: p.Reader, Wrote: func(o client.Object) {
		if _, ok := o.(*appsv1.StatefulSet); ok {
			p.rerolled = true
		}
	}}
	for _, o := range objects {
		child, ok := o.(client.Object)
		if !ok {
			return fault.New(fault.Bug, fault.Place{}, "%T is no object", o)
		}
		if err := applier.Apply(ctx, p.job.UID, child); err != nil {
			return err
		}
	}
	return nil
}
