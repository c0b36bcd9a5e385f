package streamtopic

import (
	"context"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/fault"
)

// Finalizer lets the deletion policy act before a StreamTopic goes.
const Finalizer = "millrace.dev/topic"

const (
	// driftInterval is how often a topic is compared with its spec, failedInterval one that is not ready.
	driftInterval  = 60 * time.Second
	failedInterval = 5 * time.Second
)

// Topics is the part of a Kafka cluster that this package asks for.
type Topics interface {
	// Topic describes a topic; nil when there is none.
	Topic(ctx context.Context, name string) (*topicplan.Observed, error)
	// Apply does one action.
	Apply(ctx context.Context, name string, action topicplan.Action) error
}

// Events writes events about objects.
type Events interface {
	// Eventf writes one event.
	Eventf(regarding, related runtime.Object, eventtype, reason, action, note string, args ...any)
}

// Reconciler reconciles StreamTopics.
type Reconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Events takes what happened.
	Events Events
	// Connect returns the cluster behind bootstrap servers.
	Connect func(servers []string) (Topics, error)
	// Concurrency is the number of objects that are reconciled in parallel: one cluster that is away holds up those of it,
	// and should not hold up the rest.
	Concurrency int
	// Now is the clock, and Jitter spreads a duration.
	Now    func() time.Time
	Jitter func(time.Duration) time.Duration
}

//+kubebuilder:rbac:groups=millrace.dev,resources=streamtopics,verbs=get;list;watch;patch
//+kubebuilder:rbac:groups=millrace.dev,resources=streamtopics/status,verbs=patch
//+kubebuilder:rbac:groups=millrace.dev,resources=streamtopics/finalizers,verbs=update
//+kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetUp registers the reconciler with a manager.
func (r *Reconciler) SetUp(m ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(m).
		Named("streamtopic").
		For(&v1alpha1.StreamTopic{}).
		Watches(&v1alpha1.KafkaConnection{}, handler.EnqueueRequestsFromMapFunc(r.ofConnection)).
		WithOptions(controller.Options{MaxConcurrentReconciles: max(1, r.Concurrency)}).
		Complete(r)
}

func (r *Reconciler) ofConnection(ctx context.Context, o client.Object) []reconcile.Request {
	var topics v1alpha1.StreamTopicList
	if err := r.Client.List(ctx, &topics, client.InNamespace(o.GetNamespace())); err != nil {
		return nil // the topics are looked at again by themselves
	}
	var requests []reconcile.Request
	for i := range topics.Items {
		if topics.Items[i].Spec.ConnectionRef.Name == o.GetName() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&topics.Items[i])})
		}
	}
	return requests
}

// Reconcile does one pass over a topic.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	topic := &v1alpha1.StreamTopic{}
	if err := r.Client.Get(ctx, req.NamespacedName, topic); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !topic.DeletionTimestamp.IsZero() {
		return r.release(ctx, topic)
	}
	if !controllerutil.ContainsFinalizer(topic, Finalizer) {
		return ctrl.Result{}, object.AddFinalizer(ctx, r.Client, topic, Finalizer)
	}
	before := topic.DeepCopy()
	v := r.pass(ctx, topic)
	topic.Status.ObservedGeneration = topic.Generation
	said := verdict.Reason(before.Status.Conditions, v1alpha1.ConditionReady)
	if v.State == verdict.Ready && v.Reason == v1alpha1.ReasonReady && said != "" && readyNow(before) {
		v.Reason = said // what made it ready stays the reason
	}
	v.Apply(&topic.Status.Conditions, topic.Generation, r.Now())
	if err := object.WriteStatus(ctx, r.Client, before, topic); err != nil {
		return ctrl.Result{}, err
	}
	if v.Reason != said {
		r.tell(topic, v)
	}
	after := driftInterval
	if v.State != verdict.Ready {
		after = failedInterval
	}
	return ctrl.Result{RequeueAfter: r.Jitter(after)}, nil
}

func readyNow(t *v1alpha1.StreamTopic) bool {
	for _, c := range t.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Status == "True"
		}
	}
	return false
}

func (r *Reconciler) tell(topic *v1alpha1.StreamTopic, v verdict.Verdict) {
	kind := corev1.EventTypeNormal
	if v.State == verdict.Stalled || v.Reason == v1alpha1.ReasonTopicMissing {
		kind = corev1.EventTypeWarning
	}
	r.Events.Eventf(topic, nil, kind, v.Reason, "Reconcile", "%s", v.Message)
}

// pass gathers, decides and acts; what came of it is the verdict.
func (r *Reconciler) pass(ctx context.Context, topic *v1alpha1.StreamTopic) verdict.Verdict {
	cluster, servers, v := r.cluster(ctx, topic)
	if cluster == nil {
		return v
	}
	observed, err := cluster.Topic(ctx, topic.Topic())
	if err != nil {
		return failed(err)
	}
	owner, err := r.owner(ctx, topic, servers)
	if err != nil {
		return failed(err)
	}
	decision := topicplan.Plan(topic, observed, owner)
	for _, action := range decision.Actions {
		if err := cluster.Apply(ctx, topic.Topic(), action); err != nil {
			return failed(err)
		}
	}
	if len(decision.Actions) > 0 {
		if observed, err = cluster.Topic(ctx, topic.Topic()); err != nil {
			return failed(err)
		}
	}
	if observed == nil && decision.Owned {
		return verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonTopicCreated, Message: "the brokers do not show the new topic yet"}
	}
	if decision.Owned {
		s := &topic.Status
		s.TopicName, s.TopicID, s.Partitions, s.Replicas = topic.Topic(), observed.ID, observed.Partitions, observed.Replicas
		s.ConfigKeys = slices.Sorted(maps.Keys(topic.Spec.Config))
	}
	return decision.Verdict
}

// cluster returns the topic's cluster, or the verdict that there is none.
func (r *Reconciler) cluster(ctx context.Context, topic *v1alpha1.StreamTopic) (Topics, []string, verdict.Verdict) {
	connection := &v1alpha1.KafkaConnection{}
	key := client.ObjectKey{Namespace: topic.Namespace, Name: topic.Spec.ConnectionRef.Name}
	if err := r.Client.Get(ctx, key, connection); apierrors.IsNotFound(err) {
		return nil, nil, verdict.Verdict{
			State: verdict.Reconciling, Reason: v1alpha1.ReasonConnectionMissing,
			Message: "waits for the KafkaConnection " + key.Name,
		}
	} else if err != nil {
		return nil, nil, failed(err)
	}
	cluster, err := r.Connect(connection.Spec.BootstrapServers)
	if err != nil {
		return nil, nil, failed(err)
	}
	return cluster, connection.Spec.BootstrapServers, verdict.Verdict{}
}

func failed(err error) verdict.Verdict {
	if fault.KindOf(err) == fault.User {
		return verdict.Verdict{State: verdict.Stalled, Reason: v1alpha1.ReasonKafkaError, Message: err.Error()}
	}
	return verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonKafkaUnreachable, Message: err.Error()}
}

// owner names the older StreamTopic, of any namespace, that stands for the same topic of the same servers.
func (r *Reconciler) owner(ctx context.Context, topic *v1alpha1.StreamTopic, servers []string) (string, error) {
	var all v1alpha1.StreamTopicList
	if err := r.Client.List(ctx, &all); err != nil {
		return "", err
	}
	for i := range all.Items {
		other := &all.Items[i]
		if other.UID == topic.UID || other.Topic() != topic.Topic() || !older(other, topic) {
			continue
		}
		connection := &v1alpha1.KafkaConnection{}
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: other.Namespace, Name: other.Spec.ConnectionRef.Name}, connection)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(connection.Spec.BootstrapServers, func(s string) bool { return slices.Contains(servers, s) }) {
			return other.Namespace + "/" + other.Name, nil
		}
	}
	return "", nil
}

func older(a, b *v1alpha1.StreamTopic) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.UID < b.UID
}

// release applies the deletion policy and lets the StreamTopic go. With its connection gone there is nothing left to
// reach, and the topic stays.
func (r *Reconciler) release(ctx context.Context, topic *v1alpha1.StreamTopic) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(topic, Finalizer) {
		return ctrl.Result{}, nil
	}
	if topic.Spec.DeletionPolicy == v1alpha1.DeletionDelete && topic.Status.TopicID != "" {
		cluster, _, v := r.cluster(ctx, topic)
		if cluster == nil && v.Reason != v1alpha1.ReasonConnectionMissing {
			return ctrl.Result{RequeueAfter: r.Jitter(failedInterval)}, nil
		}
		if cluster != nil {
			if err := r.remove(ctx, cluster, topic); err != nil {
				before := topic.DeepCopy()
				failed(err).Apply(&topic.Status.Conditions, topic.Generation, r.Now())
				return ctrl.Result{RequeueAfter: r.Jitter(failedInterval)}, object.WriteStatus(ctx, r.Client, before, topic)
			}
		}
	}
	return ctrl.Result{}, object.RemoveFinalizer(ctx, r.Client, topic, Finalizer)
}

func (r *Reconciler) remove(ctx context.Context, cluster Topics, topic *v1alpha1.StreamTopic) error {
	observed, err := cluster.Topic(ctx, topic.Topic())
	if err != nil {
		return err
	}
	for _, action := range topicplan.PlanDeletion(topic, observed).Actions {
		if err := cluster.Apply(ctx, topic.Topic(), action); err != nil {
			return err
		}
		r.Events.Eventf(topic, nil, corev1.EventTypeNormal, v1alpha1.ReasonTopicDeleted, "Delete", "topic %s was deleted", topic.Topic())
	}
	return nil
}
