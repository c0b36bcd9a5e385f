package streamtopic

import (
	"context"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/controllers/verdict"
)

// Finalizer lets the deletion policy act before a StreamTopic goes.
const Finalizer = "millrace.dev/topic"

const (
	// driftInterval is how often a topic is compared with its spec. One that is not ready is looked at again after
	// failedInterval, and then ever later.
	driftInterval  = 60 * time.Second
	failedInterval = 5 * time.Second
	// secretGrace is how long a StreamTopic that is to go waits for a connection's Secret that is not there. In a namespace
	// that is being deleted it went first, and would hold the namespace for ever.
	secretGrace = 2 * time.Minute
	// namespaceGrace is how long it is tried to delete the topic of a StreamTopic whose namespace is being deleted: the namespace waits for it, and nobody can
	// mend a connection in it any more.
	namespaceGrace = time.Minute
)

// Topics is the part of a Kafka cluster that this package asks for.
type Topics interface {
	// Topic describes a topic; nil when there is none.
	Topic(ctx context.Context, name string) (*topicplan.Observed, error)
	// Glance is Topic without the configuration: it needs fewer permissions.
	Glance(ctx context.Context, name string) (*topicplan.Observed, error)
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
	// Client reads from the cache and writes; Reader reads past the cache.
	Client client.Client
	Reader client.Reader
	// Events takes what happened.
	Events Events
	// Connect returns the cluster of a connection.
	Connect func(ctx context.Context, connection *v1alpha1.KafkaConnection) (Topics, error)
	// ClusterID begins every name that jobs have on Kafka.
	ClusterID string
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
//+kubebuilder:rbac:groups="",resources=namespaces,verbs=get
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
	if topic.Paused() {
		return ctrl.Result{}, r.pause(ctx, topic)
	}
	if !controllerutil.ContainsFinalizer(topic, Finalizer) {
		return ctrl.Result{}, object.AddFinalizer(ctx, r.Client, topic, Finalizer)
	}
	before := topic.DeepCopy()
	v, notices := r.pass(ctx, topic)
	s := &topic.Status
	s.ObservedGeneration = topic.Generation
	said := verdict.Reason(before.Status.Conditions, v1alpha1.ConditionReady)
	if v.State == verdict.Ready && v.Reason == v1alpha1.ReasonReady && readyNow(before) {
		v.Reason = said // what made it ready stays the reason, and the last that happened the message
		if len(notices) == 0 && before.Status.ObservedGeneration == topic.Generation {
			v.Message = meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady).Message
		}
	}
	r.mark(topic)
	v.Apply(&s.Conditions, topic.Generation, r.Now())
	if err := object.WriteStatus(ctx, r.Client, before, topic); err != nil {
		return ctrl.Result{}, err
	}
	r.tell(topic, v, said, notices)
	if v.State == verdict.Ready {
		return ctrl.Result{RequeueAfter: r.Jitter(driftInterval)}, nil
	}
	return ctrl.Result{RequeueAfter: r.Jitter(verdict.Again(s.Conditions, r.Now(), failedInterval, driftInterval))}, nil
}

// mark writes the conditions that say which annotation counts, and removes those of annotations that are gone.
func (r *Reconciler) mark(topic *v1alpha1.StreamTopic) {
	s := &topic.Status
	meta.RemoveStatusCondition(&s.Conditions, v1alpha1.ConditionPaused)
	if topic.Managed() {
		meta.RemoveStatusCondition(&s.Conditions, v1alpha1.ConditionUnmanaged)
		return
	}
	verdict.Set(&s.Conditions, v1alpha1.ConditionUnmanaged, true, v1alpha1.ReasonUnmanaged,
		"the annotation "+v1alpha1.AnnotationManaged+" is false: the topic is only looked at, and stays when this object goes", topic.Generation, r.Now())
}

// pause says that nothing is done. The rest of the status stays what it was, its generation included: a spec that has
// changed meanwhile was not looked at.
func (r *Reconciler) pause(ctx context.Context, topic *v1alpha1.StreamTopic) error {
	before := topic.DeepCopy()
	s := &topic.Status
	verdict.Set(&s.Conditions, v1alpha1.ConditionPaused, true, v1alpha1.ReasonPaused,
		"the annotation "+v1alpha1.AnnotationPaused+" is true: the topic is neither looked at nor changed, until it is removed", topic.Generation, r.Now())
	if meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady) == nil {
		verdict.Set(&s.Conditions, v1alpha1.ConditionReady, false, v1alpha1.ReasonPaused,
			"paused before the topic was looked at: remove the annotation "+v1alpha1.AnnotationPaused, topic.Generation, r.Now())
	}
	if err := object.WriteStatus(ctx, r.Client, before, topic); err != nil {
		return err
	}
	if meta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionPaused) == nil {
		r.Events.Eventf(topic, nil, corev1.EventTypeNormal, v1alpha1.ReasonPaused, "Reconcile", "%s",
			meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionPaused).Message)
	}
	return nil
}

func readyNow(t *v1alpha1.StreamTopic) bool {
	return meta.IsStatusConditionTrue(t.Status.Conditions, v1alpha1.ConditionReady)
}

// tell writes events: what happened, and a verdict that is another than before.
func (r *Reconciler) tell(topic *v1alpha1.StreamTopic, v verdict.Verdict, said string, notices []topicplan.Notice) {
	for _, n := range notices {
		kind := corev1.EventTypeNormal
		if n.Warning {
			kind = corev1.EventTypeWarning
		}
		r.Events.Eventf(topic, nil, kind, n.Reason, "Reconcile", "%s", n.Message)
	}
	if v.Reason == said {
		return
	}
	kind := corev1.EventTypeNormal
	if v.State == verdict.Stalled || v.Reason == v1alpha1.ReasonTopicMissing || v.Reason == v1alpha1.ReasonSecretNotFound {
		kind = corev1.EventTypeWarning
	}
	r.Events.Eventf(topic, nil, kind, v.Reason, "Reconcile", "%s", v.Message)
}

// pass gathers, decides and acts; what came of it is the verdict, and what happened on the way.
func (r *Reconciler) pass(ctx context.Context, topic *v1alpha1.StreamTopic) (verdict.Verdict, []topicplan.Notice) {
	if namespace, is := r.foreign(topic); is {
		return topicplan.Foreign(topic, namespace), nil
	}
	cluster, connection, v := r.cluster(ctx, topic)
	if cluster == nil {
		return v, nil
	}
	world, err := r.look(ctx, cluster, topic, connection)
	if err != nil {
		return verdict.OfError(err), nil
	}
	decision := topicplan.Plan(topic, world)
	s := &topic.Status
	if !topic.Managed() {
		s.TopicID, s.ConfigKeys, s.AppliedGeneration, s.Drift = "", nil, 0, nil
		s.TopicName, s.Partitions, s.Replicas = topic.Topic(), 0, 0
		if o := world.Observed; o != nil {
			s.Partitions, s.Replicas = o.Partitions, o.Replicas
		}
		return decision.Verdict, nil
	}
	if failure := r.apply(ctx, cluster, topic, decision.Actions); failure != nil {
		return verdict.OfError(failure), nil
	}
	observed := world.Observed
	if len(decision.Actions) > 0 {
		if observed, err = cluster.Topic(ctx, topic.Topic()); err != nil {
			return verdict.OfError(err), nil
		}
	}
	if observed == nil && decision.Owned {
		return verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonTopicCreated, Message: "the brokers do not show the new topic yet"}, nil
	}
	if decision.Owned {
		s.TopicName, s.TopicID, s.Partitions, s.Replicas = topic.Topic(), observed.ID, observed.Partitions, observed.Replicas
		s.ConfigKeys, s.AppliedGeneration = slices.Sorted(maps.Keys(topic.Spec.Config)), topic.Generation
	}
	if len(decision.Drift) > 0 {
		s.Drift = &v1alpha1.TopicDrift{ObservedAt: metav1.NewTime(r.Now().Truncate(time.Second)), Changes: decision.Drift}
	}
	return decision.Verdict, decision.Notices
}

// foreign says whether the topic is internal to a job of another namespace, and of which.
func (r *Reconciler) foreign(topic *v1alpha1.StreamTopic) (namespace string, is bool) {
	namespace, is = render.Internal(r.ClusterID, topic.Topic())
	return namespace, is && namespace != topic.Namespace
}

// apply does all actions that can be done, and returns what the first of the others failed of. What an alteration has set is
// noted at once: it is to be taken back when it leaves the spec, whatever becomes of the rest.
func (r *Reconciler) apply(ctx context.Context, cluster Topics, topic *v1alpha1.StreamTopic, actions []topicplan.Action) error {
	var first error
	for _, action := range actions {
		err := cluster.Apply(ctx, topic.Topic(), action)
		if err == nil && action.Kind == topicplan.Alter {
			topic.Status.ConfigKeys = slices.Sorted(maps.Keys(topic.Spec.Config))
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// look gathers what the decision needs.
func (r *Reconciler) look(
	ctx context.Context, cluster Topics, topic *v1alpha1.StreamTopic, connection *v1alpha1.KafkaConnection,
) (w topicplan.World, err error) {
	if !topic.Managed() {
		w.Observed, err = cluster.Glance(ctx, topic.Topic())
		return w, err
	}
	if w.Observed, err = cluster.Topic(ctx, topic.Topic()); err != nil {
		return w, err
	}
	if w.Owner, err = r.owner(ctx, topic, connection); err != nil {
		return w, err
	}
	w.Readers, err = r.readers(ctx, topic)
	return w, err
}

// readers names the jobs that read the topic.
func (r *Reconciler) readers(ctx context.Context, topic *v1alpha1.StreamTopic) ([]string, error) {
	var jobs v1alpha1.StreamJobList
	if err := r.Client.List(ctx, &jobs, client.InNamespace(topic.Namespace)); err != nil {
		return nil, err
	}
	var names []string
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if job.Spec.ConnectionRef == topic.Spec.ConnectionRef && job.Status.Topics != nil && slices.Contains(job.Status.Topics.Reads, topic.Topic()) {
			names = append(names, job.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// cluster returns the topic's cluster and connection, or the verdict that there is none.
func (r *Reconciler) cluster(ctx context.Context, topic *v1alpha1.StreamTopic) (Topics, *v1alpha1.KafkaConnection, verdict.Verdict) {
	connection := &v1alpha1.KafkaConnection{}
	key := client.ObjectKey{Namespace: topic.Namespace, Name: topic.Spec.ConnectionRef.Name}
	if err := r.Client.Get(ctx, key, connection); apierrors.IsNotFound(err) {
		return nil, nil, verdict.Verdict{
			State: verdict.Reconciling, Reason: v1alpha1.ReasonConnectionMissing,
			Message: "waits for the KafkaConnection " + key.Name,
		}
	} else if err != nil {
		return nil, nil, verdict.OfError(err)
	}
	cluster, err := r.Connect(ctx, connection)
	if err != nil {
		v := verdict.OfError(err)
		v.Message = "KafkaConnection " + key.Name + ": " + v.Message
		return nil, nil, v
	}
	return cluster, connection, verdict.Verdict{}
}

// owner names the older StreamTopic, of any namespace, that stands for the same topic of the same cluster.
func (r *Reconciler) owner(ctx context.Context, topic *v1alpha1.StreamTopic, mine *v1alpha1.KafkaConnection) (string, error) {
	var all v1alpha1.StreamTopicList
	if err := r.Client.List(ctx, &all); err != nil {
		return "", err
	}
	for i := range all.Items {
		other := &all.Items[i]
		if other.UID == topic.UID || other.Topic() != topic.Topic() || !other.Managed() || !older(other, topic) {
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
		if sameCluster(connection, mine) {
			return other.Namespace + "/" + other.Name, nil
		}
	}
	return "", nil
}

// sameCluster compares what the clusters say of themselves, and before they have said it their bootstrap servers.
func sameCluster(a, b *v1alpha1.KafkaConnection) bool {
	if a.Status.ClusterID != "" && b.Status.ClusterID != "" {
		return a.Status.ClusterID == b.Status.ClusterID
	}
	return slices.ContainsFunc(a.Spec.BootstrapServers, func(s string) bool { return slices.Contains(b.Spec.BootstrapServers, s) })
}

// older says whether a was there before b. Creation times have seconds only: of equals it is the one that has the topic.
func older(a, b *v1alpha1.StreamTopic) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	if hasA, hasB := a.Status.TopicID != "", b.Status.TopicID != ""; hasA != hasB {
		return hasA
	}
	return a.UID < b.UID
}

// release applies the deletion policy, also of a topic that is paused, and lets the StreamTopic go. With its connection or the
// connection's Secret gone there is nothing left to reach, and the topic stays.
func (r *Reconciler) release(ctx context.Context, topic *v1alpha1.StreamTopic) (ctrl.Result, error) {
	if !controllerutil.ContainsFinalizer(topic, Finalizer) {
		return ctrl.Result{}, nil
	}
	_, foreign := r.foreign(topic)
	if topic.Spec.DeletionPolicy == v1alpha1.DeletionDelete && topic.Status.TopicID != "" && !foreign {
		if v, gone := r.remove(ctx, topic); !gone {
			return r.again(ctx, topic, v)
		}
	}
	return ctrl.Result{}, object.RemoveFinalizer(ctx, r.Client, topic, Finalizer)
}

// again says why a topic is not deleted yet, and when it is tried again: soon, where its namespace waits for it, and there for no longer than namespaceGrace.
func (r *Reconciler) again(ctx context.Context, topic *v1alpha1.StreamTopic, v verdict.Verdict) (ctrl.Result, error) {
	goes, err := object.NamespaceGoes(ctx, r.Reader, topic.Namespace)
	if err != nil {
		return ctrl.Result{}, err
	}
	if goes && r.Now().Sub(topic.DeletionTimestamp.Time) >= namespaceGrace {
		r.left(ctx, topic, v.Message)
		return ctrl.Result{}, object.RemoveFinalizer(ctx, r.Client, topic, Finalizer)
	}
	before := topic.DeepCopy()
	v.Apply(&topic.Status.Conditions, topic.Generation, r.Now())
	after := failedInterval
	if !goes {
		after = verdict.Again(topic.Status.Conditions, r.Now(), failedInterval, driftInterval)
	}
	return ctrl.Result{RequeueAfter: r.Jitter(after)}, object.WriteStatus(ctx, r.Client, before, topic)
}

// left says that a topic stays. In a namespace that is being deleted the API server takes no events: the log has it, too.
func (r *Reconciler) left(ctx context.Context, topic *v1alpha1.StreamTopic, why string) {
	log.FromContext(ctx).Info("the topic stays on Kafka", "topic", topic.Topic(), "cause", why)
	r.Events.Eventf(topic, nil, corev1.EventTypeWarning, v1alpha1.ReasonTopicLeft, "Delete", "topic %s stays on Kafka, which can't be reached any more: %s", topic.Topic(), why)
}

// remove deletes the topic where that is to be done. It returns false with the reason where it is to be tried again.
func (r *Reconciler) remove(ctx context.Context, topic *v1alpha1.StreamTopic) (verdict.Verdict, bool) {
	cluster, connection, v := r.cluster(ctx, topic)
	if cluster == nil {
		waited := r.Now().Sub(topic.DeletionTimestamp.Time)
		if v.Reason != v1alpha1.ReasonConnectionMissing && (v.Reason != v1alpha1.ReasonSecretNotFound || waited < secretGrace) {
			return v, false
		}
		r.left(ctx, topic, v.Message)
		return v, true
	}
	observed, err := cluster.Glance(ctx, topic.Topic())
	if err != nil {
		return verdict.OfError(err), false
	}
	owner, err := r.owner(ctx, topic, connection)
	if err != nil {
		return verdict.OfError(err), false
	}
	for _, action := range topicplan.PlanDeletion(topic, topicplan.World{Observed: observed, Owner: owner}).Actions {
		if err := cluster.Apply(ctx, topic.Topic(), action); err != nil {
			return verdict.OfError(err), false
		}
		r.Events.Eventf(topic, nil, corev1.EventTypeNormal, v1alpha1.ReasonTopicDeleted, "Delete", "topic %s was deleted", topic.Topic())
	}
	return verdict.Verdict{}, true
}
