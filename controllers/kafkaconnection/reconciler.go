package kafkaconnection

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/verdict"
)

// Finalizer keeps a connection that is in use.
const Finalizer = "millrace.dev/in-use"

const (
	// checkInterval is how often a connection that works is tried again, and its Secrets are read. One that doesn't is tried
	// again after failedInterval, and then ever later.
	checkInterval  = 60 * time.Second
	failedInterval = 5 * time.Second
)

// Cluster is the part of a Kafka cluster that this package asks for.
type Cluster interface {
	// Identify returns the id that the cluster goes by and the number of its brokers.
	Identify(ctx context.Context) (id string, brokers int, err error)
}

// Events writes events about objects.
type Events interface {
	// Eventf writes one event.
	Eventf(regarding, related runtime.Object, eventtype, reason, action, note string, args ...any)
}

// Reconciler reconciles KafkaConnections.
type Reconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Events takes what happened.
	Events Events
	// Connect returns the cluster of a connection.
	Connect func(ctx context.Context, connection *v1alpha1.KafkaConnection) (Cluster, error)
	// Concurrency is the number of objects that are reconciled in parallel: one cluster that is away holds up those of it,
	// and should not hold up the rest.
	Concurrency int
	// Now is the clock, and Jitter spreads a duration.
	Now    func() time.Time
	Jitter func(time.Duration) time.Duration
}

//+kubebuilder:rbac:groups=millrace.dev,resources=kafkaconnections,verbs=get;list;watch;patch
//+kubebuilder:rbac:groups=millrace.dev,resources=kafkaconnections/status,verbs=patch
//+kubebuilder:rbac:groups=millrace.dev,resources=kafkaconnections/finalizers,verbs=update
//+kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetUp registers the reconciler with a manager.
func (r *Reconciler) SetUp(m ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(m).
		Named("kafkaconnection").
		For(&v1alpha1.KafkaConnection{}).
		Watches(&v1alpha1.StreamTopic{}, handler.EnqueueRequestsFromMapFunc(func(_ context.Context, o client.Object) []reconcile.Request {
			topic, ok := o.(*v1alpha1.StreamTopic)
			if !ok || topic.DeletionTimestamp.IsZero() {
				return nil
			}
			return request(o, topic.Spec.ConnectionRef)
		})).
		Watches(&v1alpha1.StreamJob{}, handler.EnqueueRequestsFromMapFunc(func(_ context.Context, o client.Object) []reconcile.Request {
			job, ok := o.(*v1alpha1.StreamJob)
			if !ok || job.DeletionTimestamp.IsZero() {
				return nil
			}
			return request(o, job.Spec.ConnectionRef)
		})).
		WithOptions(controller.Options{MaxConcurrentReconciles: max(1, r.Concurrency)}).
		Complete(r)
}

func request(o client.Object, ref v1alpha1.ConnectionReference) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: o.GetNamespace(), Name: ref.Name}}}
}

// Reconcile does one pass over a connection.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	connection := &v1alpha1.KafkaConnection{}
	if err := r.Client.Get(ctx, req.NamespacedName, connection); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !connection.DeletionTimestamp.IsZero() {
		return r.release(ctx, connection)
	}
	if !controllerutil.ContainsFinalizer(connection, Finalizer) {
		return ctrl.Result{}, object.AddFinalizer(ctx, r.Client, connection, Finalizer)
	}
	before := connection.DeepCopy()
	s := &connection.Status
	s.ObservedGeneration = connection.Generation
	v := r.check(ctx, connection)
	said := verdict.Reason(s.Conditions, v1alpha1.ConditionReady)
	v.Apply(&s.Conditions, connection.Generation, r.Now())
	if err := object.WriteStatus(ctx, r.Client, before, connection); err != nil {
		return ctrl.Result{}, err
	}
	if v.Reason != said {
		kind := corev1.EventTypeWarning
		if v.State == verdict.Ready {
			kind = corev1.EventTypeNormal
		}
		r.Events.Eventf(connection, nil, kind, v.Reason, "Reconcile", "%s", v.Message)
	}
	after := checkInterval
	if v.State != verdict.Ready {
		after = verdict.Again(s.Conditions, r.Now(), failedInterval, checkInterval)
	}
	return ctrl.Result{RequeueAfter: r.Jitter(after)}, nil
}

// check asks the cluster who it is.
func (r *Reconciler) check(ctx context.Context, connection *v1alpha1.KafkaConnection) verdict.Verdict {
	if err := admission.Servers(connection); err != nil {
		return verdict.OfError(err)
	}
	cluster, err := r.Connect(ctx, connection)
	if err != nil {
		return verdict.OfError(err)
	}
	id, brokers, err := cluster.Identify(ctx)
	if err != nil {
		return verdict.OfError(err)
	}
	connection.Status.ClusterID, connection.Status.Brokers = id, int32(min(brokers, 1<<31-1)) //nolint:gosec // bounded here
	return verdict.Verdict{State: verdict.Ready, Reason: v1alpha1.ReasonReady, Message: "the cluster answers"}
}

// release lets a deleted connection go when nothing of its namespace refers to it.
func (r *Reconciler) release(ctx context.Context, connection *v1alpha1.KafkaConnection) (ctrl.Result, error) {
	users, err := r.users(ctx, connection)
	if err != nil {
		return ctrl.Result{}, err
	}
	if users == 0 {
		return ctrl.Result{}, object.RemoveFinalizer(ctx, r.Client, connection, Finalizer)
	}
	before := connection.DeepCopy()
	connection.Status.ObservedGeneration = connection.Generation
	verdict.Verdict{
		State: verdict.Reconciling, Reason: v1alpha1.ReasonInUse,
		Message: fmt.Sprintf("%d StreamTopics and StreamJobs still refer to the connection: delete them first", users),
	}.Apply(&connection.Status.Conditions, connection.Generation, r.Now())
	return ctrl.Result{RequeueAfter: r.Jitter(failedInterval)}, object.WriteStatus(ctx, r.Client, before, connection)
}

func (r *Reconciler) users(ctx context.Context, connection *v1alpha1.KafkaConnection) (int, error) {
	var topics v1alpha1.StreamTopicList
	var jobs v1alpha1.StreamJobList
	for _, list := range []client.ObjectList{&topics, &jobs} {
		if err := r.Client.List(ctx, list, client.InNamespace(connection.Namespace)); err != nil {
			return 0, err
		}
	}
	users := 0
	for i := range topics.Items {
		if topics.Items[i].Spec.ConnectionRef.Name == connection.Name {
			users++
		}
	}
	for i := range jobs.Items {
		if jobs.Items[i].Spec.ConnectionRef.Name == connection.Name {
			users++
		}
	}
	return users, nil
}
