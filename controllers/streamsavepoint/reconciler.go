package streamsavepoint

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/savepointplan"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/physical"
)

// Finalizer lets the deletion policy act before a StreamSavepoint goes.
const Finalizer = "millrace.dev/savepoint"

// IndexJob finds StreamSavepoints by the job that they refer to.
const IndexJob = "spec.jobRef.name"

// Kafka is what a job's cluster must do.
type Kafka interface {
	// SavepointMade says how far a savepoint is.
	SavepointMade(ctx context.Context, names physical.Topics, id string, now time.Time) (savepointplan.Made, error)
	// AskSavepoint asks the job for one, once.
	AskSavepoint(ctx context.Context, names physical.Topics, id string, now, deadline time.Time) error
	// ResumeJob ends a request, whether it has arrived or is still to.
	ResumeJob(ctx context.Context, names physical.Topics, id string, now time.Time) error
}

// Events writes events about objects.
type Events interface {
	// Eventf writes one event.
	Eventf(regarding, related runtime.Object, eventtype, reason, action, note string, args ...any)
}

// Chronicle keeps what became of savepoints, for metrics.
type Chronicle interface {
	// Savepoint notes one that is completed or has failed, once for each.
	Savepoint(origin v1alpha1.SavepointOrigin, status *v1alpha1.StreamSavepointStatus)
}

// Reconciler reconciles StreamSavepoints.
type Reconciler struct {
	// Client reads from the cache and writes; Reader reads past the cache.
	Client client.Client
	Reader client.Reader
	// Events takes what happened.
	Events Events
	// Chronicle takes what became of savepoints.
	Chronicle Chronicle
	// Connect returns the cluster of a connection.
	Connect func(ctx context.Context, connection *v1alpha1.KafkaConnection) (Kafka, error)
	// ClusterID begins every name on Kafka.
	ClusterID string
	// WorkerImage is the image of what deletes data: the operator's own version, as it knows the flag.
	WorkerImage string
	// Concurrency is the number of savepoints that are reconciled in parallel.
	Concurrency int
	// Now is the clock, and Jitter spreads a duration.
	Now    func() time.Time
	Jitter func(time.Duration) time.Duration
}

//+kubebuilder:rbac:groups=millrace.dev,resources=streamsavepoints,verbs=get;list;watch;create;patch;delete
//+kubebuilder:rbac:groups=millrace.dev,resources=streamsavepoints/status,verbs=patch
//+kubebuilder:rbac:groups=millrace.dev,resources=streamsavepoints/finalizers,verbs=update
//+kubebuilder:rbac:groups=batch,resources=jobs,verbs=get;list;watch;create;delete
//+kubebuilder:rbac:groups="",resources=namespaces,verbs=get
//+kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetUp registers the reconciler with a manager.
func (r *Reconciler) SetUp(ctx context.Context, m ctrl.Manager) error {
	index := func(o client.Object) []string {
		if s, ok := o.(*v1alpha1.StreamSavepoint); ok {
			return []string{s.Spec.JobRef.Name}
		}
		return nil
	}
	if err := m.GetFieldIndexer().IndexField(ctx, &v1alpha1.StreamSavepoint{}, IndexJob, index); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(m).
		Named("streamsavepoint").
		For(&v1alpha1.StreamSavepoint{}).
		Owns(&batchv1.Job{}).
		Watches(&v1alpha1.StreamJob{}, handler.EnqueueRequestsFromMapFunc(r.waiting)).
		WithOptions(controller.Options{MaxConcurrentReconciles: max(1, r.Concurrency)}).
		Complete(r)
}

// waiting are the savepoints of a job to which a change of the job may be something.
func (r *Reconciler) waiting(ctx context.Context, job client.Object) []reconcile.Request {
	var list v1alpha1.StreamSavepointList
	if err := r.Client.List(ctx, &list, client.InNamespace(job.GetNamespace()), client.MatchingFields{IndexJob: job.GetName()}); err != nil {
		log.FromContext(ctx).Error(err, "list the savepoints of a job")
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		s := &list.Items[i]
		if s.DeletionTimestamp.IsZero() && ended(s) {
			continue
		}
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(s)})
	}
	return requests
}

// Reconcile does one pass over a savepoint. It is read past the cache: its status is the journal that decides.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s := &v1alpha1.StreamSavepoint{}
	if err := r.Reader.Get(ctx, req.NamespacedName, s); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	p := &pass{Reconciler: r, savepoint: s, before: s.DeepCopy()}
	if err := p.observe(ctx); err != nil {
		return ctrl.Result{}, err
	}
	decision := savepointplan.Next(&p.observed)
	failure := p.act(ctx, decision.Actions)
	if failure == nil && decision.Notice.Reason != "" {
		p.notice(decision.Notice)
	}
	if p.released {
		return ctrl.Result{}, failure
	}
	if failure == nil {
		s.Status = decision.Status
	} else {
		p.blame(failure)
	}
	if err := object.WriteStatus(ctx, r.Client, p.before, s); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !ended(p.before) && ended(s) {
		r.Chronicle.Savepoint(s.Spec.Origin, &s.Status)
	}
	p.tell()
	if failure != nil {
		return ctrl.Result{}, failure
	}
	return ctrl.Result{RequeueAfter: r.Jitter(decision.RequeueAfter)}, nil
}

// blame says in the conditions what an action failed of; the rest of the status stays.
func (p *pass) blame(failure error) {
	verdict.OfStep(failure).Apply(&p.savepoint.Status.Conditions, p.savepoint.Generation, p.observed.Now)
}

// tell writes an event where the reason of Ready has changed.
func (p *pass) tell() {
	reason := verdict.Reason(p.savepoint.Status.Conditions, v1alpha1.ConditionReady)
	if reason == "" || reason == verdict.Reason(p.before.Status.Conditions, v1alpha1.ConditionReady) {
		return
	}
	kind := corev1.EventTypeNormal
	if reason == v1alpha1.ReasonDeletionFailed || verdict.Reason(p.savepoint.Status.Conditions, v1alpha1.ConditionStalled) != "" {
		kind = corev1.EventTypeWarning
	}
	for _, c := range p.savepoint.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			p.Events.Eventf(p.savepoint, p.related(), kind, c.Reason, "Reconcile", "%s", c.Message)
		}
	}
}

// notice writes what is worth an event besides conditions.
func (p *pass) notice(n savepointplan.Notice) {
	kind := corev1.EventTypeNormal
	if n.Reason == v1alpha1.ReasonDataLeft {
		kind = corev1.EventTypeWarning
	}
	p.Events.Eventf(p.savepoint, p.related(), kind, n.Reason, "Delete", "%s", n.Message)
}

// related is the job, where there is one.
func (p *pass) related() runtime.Object {
	if p.observed.Job == nil {
		return nil
	}
	return p.observed.Job
}
