package streamsavepoint

import (
	"context"
	"fmt"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/savepointplan"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// pass is one pass over one savepoint: what was gathered, for deciding and acting.
type pass struct {
	*Reconciler
	savepoint, before *v1alpha1.StreamSavepoint
	observed          savepointplan.Observed
	kafka             Kafka
	removal           *batchv1.Job
	released          bool
}

// settled says that nothing changes any more without a change of the object.
func (p *pass) settled() bool {
	return p.savepoint.DeletionTimestamp.IsZero() && ended(p.savepoint)
}

// ended says that what will become of the savepoint is known.
func ended(s *v1alpha1.StreamSavepoint) bool {
	return s.Status.Phase == v1alpha1.SavepointCompleted || s.Status.Phase == v1alpha1.SavepointFailed
}

func (p *pass) observe(ctx context.Context) error {
	s := p.savepoint
	p.observed = savepointplan.Observed{
		Now: p.Now(), Savepoint: s, Finalizer: controllerutil.ContainsFinalizer(s, Finalizer),
		Prefix: render.Prefix(p.ClusterID, s.Namespace, s.Spec.JobRef.Name),
	}
	if p.settled() {
		return nil
	}
	steps := []func(context.Context) error{p.observeJob, p.observeConnection}
	switch {
	case !s.DeletionTimestamp.IsZero():
		steps = append(steps, p.observeNamespace, p.observeRemoval)
	case s.Spec.Existing == nil:
		steps = append(steps, p.observeWorkers, p.observeOthers, p.observeMade)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// observeJob reads the job past the cache: it is asked by what its journal says.
func (p *pass) observeJob(ctx context.Context) error {
	job := &v1alpha1.StreamJob{}
	err := p.Reader.Get(ctx, client.ObjectKey{Namespace: p.savepoint.Namespace, Name: p.savepoint.Spec.JobRef.Name}, job)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	p.observed.Job = job
	if job.Status.Prefix != "" {
		p.observed.Prefix = job.Status.Prefix
	}
	return nil
}

func (p *pass) observeConnection(ctx context.Context) error {
	if p.observed.Job == nil {
		return nil
	}
	connection := &v1alpha1.KafkaConnection{}
	key := client.ObjectKey{Namespace: p.savepoint.Namespace, Name: p.observed.Job.Spec.ConnectionRef.Name}
	err := p.Client.Get(ctx, key, connection)
	if apierrors.IsNotFound(err) {
		p.observed.Connection = lifecycle.Obstacle{Reason: v1alpha1.ReasonConnectionMissing, Message: "waits for the KafkaConnection " + key.Name, Waiting: true}
		return nil
	}
	if err != nil {
		return err
	}
	if p.kafka, err = p.Connect(ctx, connection); err != nil {
		p.unreachable(fmt.Errorf("KafkaConnection %s: %w", key.Name, err))
	}
	return nil
}

// unreachable notes why Kafka did not answer, once.
func (p *pass) unreachable(err error) {
	if !p.observed.Connection.Is() {
		p.observed.Connection = lifecycle.Obstacle{Reason: verdict.ReasonOf(err), Message: err.Error(), Waiting: true}
	}
}

// observeWorkers looks whether the running workers can be asked, and where they write savepoints to.
func (p *pass) observeWorkers(ctx context.Context) error {
	job := p.observed.Job
	if job == nil || job.Status.Runtime == nil || job.Spec.Savepoints == nil {
		return nil
	}
	m := &corev1.ConfigMap{}
	err := p.Reader.Get(ctx, client.ObjectKey{Namespace: job.Namespace, Name: render.EpochName(job.Name, job.Status.Epoch)}, m)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	plan, err := render.ReadPlan(m)
	if err != nil {
		return nil //nolint:nilerr // the job says so in its own conditions
	}
	p.observed.Commands = plan.HasControl()
	var pods corev1.PodList
	labels := client.MatchingLabels{render.LabelJob: job.Name, render.LabelEpoch: strconv.FormatInt(job.Status.Epoch, 10)}
	if err := p.Client.List(ctx, &pods, client.InNamespace(job.Namespace), labels); err != nil {
		return err
	}
	for i := range pods.Items {
		if render.SavepointsOf(&pods.Items[i].Spec) != job.Spec.Savepoints.URL {
			p.observed.Elsewhere = true
		}
	}
	return nil
}

// observeOthers looks for another savepoint of the job that comes first. It looks past the cache: the job makes one at a time, and another
// one that is asked for meanwhile fails.
func (p *pass) observeOthers(ctx context.Context) error {
	if p.observed.Job == nil {
		return nil
	}
	var list v1alpha1.StreamSavepointList
	if err := p.Reader.List(ctx, &list, client.InNamespace(p.savepoint.Namespace)); err != nil {
		return err
	}
	for i := range list.Items {
		if other := &list.Items[i]; other.Spec.JobRef == p.savepoint.Spec.JobRef && first(other, p.savepoint) {
			p.observed.Before = other.Name
			return nil
		}
	}
	return nil
}

// first says whether the job makes another savepoint before this one.
func first(other, this *v1alpha1.StreamSavepoint) bool {
	waits := other.Status.Phase == v1alpha1.SavepointPending || other.Status.Phase == ""
	switch {
	case other.UID == this.UID || other.Spec.Existing != nil:
		return false
	case other.Status.Phase == v1alpha1.SavepointInProgress:
		return true
	case !waits || !other.DeletionTimestamp.IsZero():
		return false
	case !other.CreationTimestamp.Equal(&this.CreationTimestamp):
		return other.CreationTimestamp.Before(&this.CreationTimestamp)
	default:
		return other.Name < this.Name
	}
}

func (p *pass) observeMade(ctx context.Context) error {
	s := &p.savepoint.Status
	if s.Phase != v1alpha1.SavepointInProgress || p.kafka == nil {
		return nil
	}
	made, err := p.kafka.SavepointMade(ctx, physical.Topics{Prefix: s.Job, StateEpoch: s.StateEpoch}, s.ID, p.observed.Now)
	switch {
	case err == nil:
		p.observed.Made = &made
	case p.observed.Job.Status.StateEpoch != s.StateEpoch: // the topic has gone with its epoch
		p.observed.Made = &savepointplan.Made{State: savepointplan.Absent}
	default:
		p.unreachable(err)
	}
	return nil
}

func (p *pass) observeNamespace(ctx context.Context) error {
	goes, err := object.NamespaceGoes(ctx, p.Reader, p.savepoint.Namespace)
	p.observed.NamespaceGoes = goes
	return err
}

func (p *pass) observeRemoval(ctx context.Context) error {
	work := &batchv1.Job{}
	err := p.Reader.Get(ctx, client.ObjectKey{Namespace: p.savepoint.Namespace, Name: render.RemovalName(p.savepoint)}, work)
	if apierrors.IsNotFound(err) || err == nil && !metav1.IsControlledBy(work, p.savepoint) {
		return nil
	}
	if err != nil {
		return err
	}
	p.removal = work
	p.observed.Removal = &savepointplan.Removal{}
	for _, c := range work.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobComplete:
			p.observed.Removal.Done = true
		case batchv1.JobFailed:
			p.observed.Removal.Failed, p.observed.Removal.Since = true, c.LastTransitionTime.Time
			p.observed.Removal.Why = fmt.Sprintf("the Job %s has failed (%s: %s); the logs of its Pods say why", work.Name, c.Reason, c.Message)
		default:
		}
	}
	return nil
}

// act does the actions in order, up to the first that fails.
func (p *pass) act(ctx context.Context, actions []savepointplan.Action) error {
	for _, a := range actions {
		log.FromContext(ctx).Info(a.Kind.String(), "savepoint", a.ID)
		if err := p.do(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) do(ctx context.Context, a savepointplan.Action) error {
	names := physical.Topics{Prefix: p.savepoint.Status.Job, StateEpoch: a.StateEpoch}
	switch a.Kind {
	case savepointplan.AddFinalizer:
		err := object.AddFinalizer(ctx, p.Client, p.savepoint, Finalizer)
		p.before = p.savepoint.DeepCopy()
		return err
	case savepointplan.Ask:
		return p.kafka.AskSavepoint(ctx, names, a.ID, p.observed.Now, a.Deadline)
	case savepointplan.Cancel:
		return p.kafka.ResumeJob(ctx, names, a.ID, p.observed.Now)
	case savepointplan.StartRemoval:
		work, err := render.Removal(p.savepoint, p.observed.Job, p.WorkerImage)
		if err != nil {
			return err
		}
		err = p.Client.Create(ctx, work, client.FieldOwner(object.FieldOwner))
		if apierrors.IsAlreadyExists(err) {
			return nil
		}
		return err
	case savepointplan.ForgetRemoval:
		return client.IgnoreNotFound(p.Client.Delete(ctx, p.removal, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	case savepointplan.RemoveFinalizer:
		p.released = true
		return object.RemoveFinalizer(ctx, p.Client, p.savepoint, Finalizer)
	default:
		return fault.New(fault.Bug, fault.Place{}, "no such action: %d", a.Kind)
	}
}
