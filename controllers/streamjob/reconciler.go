package streamjob

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// Finalizer lets the operator stop workers and clean up before a job goes.
const Finalizer = "millrace.dev/job"

// indexConnection finds topics and jobs by the connection that they refer to.
const indexConnection = "spec.connectionRef.name"

// Events writes events about objects.
type Events interface {
	// Eventf writes one event.
	Eventf(regarding, related runtime.Object, eventtype, reason, action, note string, args ...any)
}

// Chronicle keeps what passes came to, for metrics.
type Chronicle interface {
	// Pass takes the status that a pass has written, and the actions that were decided on.
	Pass(job types.NamespacedName, status *v1alpha1.StreamJobStatus, actions []lifecycle.Action)
	// Scaling takes the reason of a decision on the number of a job's workers.
	Scaling(reason string)
	// Gone says that a job is not there any more.
	Gone(job types.NamespacedName)
}

// Reconciler reconciles StreamJobs.
type Reconciler struct {
	// Client reads from the cache and writes; Reader reads past the cache.
	Client client.Client
	Reader client.Reader
	// Events takes what happened.
	Events Events
	// Chronicle takes what passes came to.
	Chronicle Chronicle
	// Connect returns the cluster of a connection.
	Connect func(ctx context.Context, connection *v1alpha1.KafkaConnection) (Kafka, error)
	// Workers asks the workers of jobs that are scaled by their load.
	Workers Workers
	// Compile compiles a job.
	Compile func(spec.Job) (*physical.Plan, error)
	// ClusterID begins every name on Kafka; it never changes.
	ClusterID string
	// WorkerImage is the image of workers, with a tag or digest.
	WorkerImage string
	// Version is the operator's own; the pods that it makes say so.
	Version string
	// PullSecrets are the names of the Secrets, of each job's namespace, that WorkerImage is pulled with.
	PullSecrets []string
	// Concurrency is the number of jobs that are reconciled in parallel.
	Concurrency int
	// Now is the clock, and Jitter spreads a duration.
	Now    func() time.Time
	Jitter func(time.Duration) time.Duration
	// Plants are bugs for the tests that must find them; a build without the tag "mutants" has none.
	Plants Plants

	known   known
	unmade  unmade
	watches watches
}

//+kubebuilder:rbac:groups=millrace.dev,resources=streamjobs,verbs=get;list;watch;patch;delete
//+kubebuilder:rbac:groups=millrace.dev,resources=streamjobs/status,verbs=patch
//+kubebuilder:rbac:groups=millrace.dev,resources=streamjobs/finalizers,verbs=update
//+kubebuilder:rbac:groups=apps,resources=statefulsets,verbs=get;list;watch;create;patch;delete
//+kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;patch;delete
//+kubebuilder:rbac:groups="",resources=services;serviceaccounts,verbs=get;list;watch;create;patch
//+kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch;delete
//+kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get
//+kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=get;list;watch;create;patch
//+kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;patch
//+kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetUp registers the reconciler with a manager.
func (r *Reconciler) SetUp(ctx context.Context, m ctrl.Manager) error {
	index := func(o client.Object) []string {
		switch o := o.(type) {
		case *v1alpha1.StreamJob:
			return []string{o.Spec.ConnectionRef.Name}
		case *v1alpha1.StreamTopic:
			return []string{o.Spec.ConnectionRef.Name}
		default:
			return nil
		}
	}
	for _, kind := range []client.Object{&v1alpha1.StreamJob{}, &v1alpha1.StreamTopic{}} {
		if err := m.GetFieldIndexer().IndexField(ctx, kind, indexConnection, index); err != nil {
			return err
		}
	}
	return ctrl.NewControllerManagedBy(m).
		Named("streamjob").
		For(&v1alpha1.StreamJob{}).
		Owns(&appsv1.StatefulSet{}).
		Owns(&corev1.ConfigMap{}).
		Owns(&corev1.Service{}).
		Owns(&corev1.ServiceAccount{}).
		Owns(&policyv1.PodDisruptionBudget{}).
		Owns(&networkingv1.NetworkPolicy{}).
		Watches(&corev1.Pod{}, handler.EnqueueRequestsFromMapFunc(ofPod)).
		Watches(&v1alpha1.StreamSavepoint{}, handler.EnqueueRequestsFromMapFunc(r.ofSavepoint)).
		Watches(&v1alpha1.StreamTopic{}, handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []reconcile.Request {
			topic, ok := o.(*v1alpha1.StreamTopic)
			if !ok {
				return nil
			}
			return r.ofConnection(ctx, o.GetNamespace(), topic.Spec.ConnectionRef.Name)
		})).
		Watches(&v1alpha1.KafkaConnection{}, handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []reconcile.Request {
			return r.ofConnection(ctx, o.GetNamespace(), o.GetName())
		})).
		WithOptions(controller.Options{MaxConcurrentReconciles: max(1, r.Concurrency)}).
		Complete(r)
}

func ofPod(_ context.Context, o client.Object) []reconcile.Request {
	job, ok := o.GetLabels()[render.LabelJob]
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: o.GetNamespace(), Name: job}}}
}

func (r *Reconciler) ofConnection(ctx context.Context, namespace, name string) []reconcile.Request {
	var jobs v1alpha1.StreamJobList
	if err := r.Client.List(ctx, &jobs, client.InNamespace(namespace), client.MatchingFields{indexConnection: name}); err != nil {
		log.FromContext(ctx).Error(err, "list the jobs of a connection")
		return nil
	}
	requests := make([]reconcile.Request, 0, len(jobs.Items))
	for i := range jobs.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&jobs.Items[i])})
	}
	return requests
}

// Reconcile does one pass over a job.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	job, err := r.read(ctx, req.NamespacedName)
	if err != nil {
		if apierrors.IsNotFound(err) {
			r.gone(req.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, err
	}
	if r.Plants.ignoreDeletion() && !job.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	p := &pass{Reconciler: r, job: job, before: job.DeepCopy()}
	if err := p.observe(ctx); err != nil {
		return ctrl.Result{}, err
	}
	decision := lifecycle.Next(&p.observed)
	p.scale(ctx, &decision)
	failure := p.act(ctx, decision.Actions)
	if p.released {
		r.gone(req.NamespacedName)
		return ctrl.Result{}, failure
	}
	if failure == nil {
		job.Status = decision.Status
		p.keepTrial()
		p.list()
		p.signed()
	} else {
		p.blame(failure)
	}
	if err := object.WriteStatus(ctx, r.Client, p.before, job); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.known.set(req.NamespacedName, job.ResourceVersion)
	p.tell()
	if failure == nil {
		p.tellScaled()
		p.tellTrial()
	}
	r.Chronicle.Pass(req.NamespacedName, &job.Status, decision.Actions)
	if failure != nil {
		return ctrl.Result{}, failure
	}
	return ctrl.Result{RequeueAfter: r.Jitter(decision.RequeueAfter)}, nil
}

// gone is a job that is not there any more.
func (r *Reconciler) gone(job types.NamespacedName) {
	r.known.forget(job)
	r.unmade.forget(job)
	r.watches.forget(job)
	r.Chronicle.Gone(job)
}

// blame says in the conditions what an action failed of; the rest of the status stays, since nothing can be relied on
// that should have come after.
func (p *pass) blame(failure error) {
	verdict.OfStep(failure).Apply(&p.job.Status.Conditions, p.job.Generation, p.observed.Now)
}

// tell writes an event for each condition whose reason changed. What two conditions say alike is said once, and that topics are there not at all.
func (p *pass) tell() {
	told := map[string]bool{}
	for _, name := range []string{
		v1alpha1.ConditionWorkersFailing, v1alpha1.ConditionReady, v1alpha1.ConditionSuspended, v1alpha1.ConditionPlanAccepted, v1alpha1.ConditionStalled,
		v1alpha1.ConditionTopicsReady,
	} {
		c := meta.FindStatusCondition(p.job.Status.Conditions, name)
		if c == nil || told[c.Reason] || c.Reason == verdict.Reason(p.before.Status.Conditions, name) {
			continue
		}
		if name == v1alpha1.ConditionTopicsReady && c.Status == metav1.ConditionTrue {
			continue
		}
		told[c.Reason] = true
		kind := corev1.EventTypeNormal
		if name == v1alpha1.ConditionWorkersFailing || c.Status == metav1.ConditionFalse && name == v1alpha1.ConditionPlanAccepted || verdict.Reason(p.job.Status.Conditions, v1alpha1.ConditionStalled) == c.Reason {
			kind = corev1.EventTypeWarning
		}
		p.Events.Eventf(p.job, nil, kind, c.Reason, "Reconcile", "%s", c.Message)
	}
}
