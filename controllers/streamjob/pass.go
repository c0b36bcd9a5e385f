package streamjob

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/controllers/history"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// pass is one pass over one job: what was gathered, for deciding and acting.
type pass struct {
	*Reconciler
	job        *v1alpha1.StreamJob
	before     *v1alpha1.StreamJob
	observed   lifecycle.Observed
	connection v1alpha1.KafkaConnectionSpec
	kafka      Kafka
	plan       *physical.Plan // that was compiled in this pass
	stored     *physical.Plan // of the attempt, or else of the running epoch
	topics     []v1alpha1.StreamTopic
	version    history.Version // that the spec asks for
	released   bool
	trialLeft  bool
	// trialRefused is why the work of a trial was not made.
	trialRefused string
	addresses    map[string]string // of the pods' plain doors
	scaled       *scaled
	renderedBy   string // who made the pods that were applied
	rerolled     bool   // the StatefulSet was changed in this pass: which pods are of its revision was seen of another one
}

// observe gathers. Only what keeps the pass from being decided at all is an error; the rest are obstacles.
func (p *pass) observe(ctx context.Context) error {
	p.observed = lifecycle.Observed{
		Now: p.Now(), Job: p.job, Finalizer: controllerutil.ContainsFinalizer(p.job, Finalizer),
		Prefix: render.Prefix(p.ClusterID, p.job.Namespace, p.job.Name), Image: render.Image(p.WorkerImage, p.job),
		TryAgain:    p.job.Annotations[v1alpha1.AnnotationHeld] == v1alpha1.HeldTryAgain,
		DeleteFound: p.job.Annotations[v1alpha1.AnnotationFoundState] == v1alpha1.FoundStateDelete,
	}
	steps := []func(context.Context) error{p.observeWorkloads, p.observeConnection, p.observeTopics}
	if p.job.DeletionTimestamp.IsZero() && p.job.Status.CompletedAt != nil {
		steps = steps[:1] // nothing more is asked of the world
	} else if p.job.DeletionTimestamp.IsZero() {
		steps = append(steps, p.observeVersion, p.observeRecords, p.observeStored, p.observePlan, p.observeTemplate, p.observeBack, p.observeKafka)
	} else {
		steps = append(steps, p.observeNamespace)
		if last := p.job.Spec.Deletion.Savepoint; last != "" && last != v1alpha1.LastNever {
			steps = append(steps, p.observeStored, p.observeTemplate, p.observeLast)
		}
	}
	steps = append(steps, p.observeTrial)
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) observeWorkloads(ctx context.Context) error {
	var sets appsv1.StatefulSetList
	var pods corev1.PodList
	for _, list := range []client.ObjectList{&sets, &pods} {
		if err := p.Client.List(ctx, list, client.InNamespace(p.job.Namespace), client.MatchingLabels{render.LabelJob: p.job.Name}); err != nil {
			return err
		}
	}
	revisions, want := map[int64]string{}, int32(0)
	for i := range sets.Items {
		set := &sets.Items[i]
		epoch, ok := epochOf(set)
		if !ok || !metav1.IsControlledBy(set, p.job) {
			continue
		}
		settled := set.Status.ObservedGeneration >= set.Generation && set.Status.UpdateRevision != ""
		revisions[epoch] = set.Status.UpdateRevision
		if epoch == p.job.Status.Epoch && set.DeletionTimestamp.IsZero() && set.Spec.Replicas != nil {
			want = *set.Spec.Replicas
		}
		p.observed.Workloads = append(p.observed.Workloads, lifecycle.Workload{Epoch: epoch, Settled: settled})
	}
	p.addresses = map[string]string{}
	have := int32(0)
	for i := range pods.Items {
		pod := &pods.Items[i]
		p.addresses[pod.Name] = addressOf(pod)
		seen, ok := p.worker(ctx, pod, revisions)
		if !ok {
			continue
		}
		p.observed.Pods = append(p.observed.Pods, seen)
		if seen.Epoch == p.job.Status.Epoch {
			have++
		}
	}
	slices.SortFunc(p.observed.Pods, func(a, b lifecycle.Pod) int { return strings.Compare(a.Name, b.Name) })
	p.observed.Unmade = p.unmade.look(client.ObjectKeyFromObject(p.job), p.job.Status.Epoch, have, want, p.observed.Now)
	return nil
}

// worker is what is seen of a pod, if it is one of a StatefulSet. Revisions are the newest ones of the epochs.
func (p *pass) worker(ctx context.Context, pod *corev1.Pod, revisions map[int64]string) (lifecycle.Pod, bool) {
	epoch, ok := epochOf(pod)
	if !ok {
		return lifecycle.Pod{}, false
	}
	ordinal, err := strconv.ParseInt(pod.Name[strings.LastIndexByte(pod.Name, '-')+1:], 10, 32)
	if err != nil {
		return lifecycle.Pod{}, false
	}
	revision := revisions[epoch]
	why := lifecycle.Trouble{}
	if epoch == p.job.Status.Epoch && !ready(pod) {
		why = p.explain(ctx, pod, trouble(pod, p.observed.Now))
	}
	seen := lifecycle.Pod{
		Name: pod.Name, UID: string(pod.UID), Overdue: overdue(pod, p.observed.Now), Away: away(pod, p.observed.Now), Epoch: epoch, Ordinal: int32(ordinal), Ready: ready(pod), Terminating: !pod.DeletionTimestamp.IsZero(),
		Current:    revision == "" || pod.Labels[appsv1.ControllerRevisionHashLabelKey] == revision,
		Trouble:    why,
		Savepoints: render.SavepointsOf(&pod.Spec),
	}
	ended(pod, &seen)
	return seen, true
}

func epochOf(o client.Object) (int64, bool) {
	epoch, err := strconv.ParseInt(o.GetLabels()[render.LabelEpoch], 10, 64)
	return epoch, err == nil
}

func ready(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func (p *pass) observeConnection(ctx context.Context) error {
	connection := &v1alpha1.KafkaConnection{}
	key := client.ObjectKey{Namespace: p.job.Namespace, Name: p.job.Spec.ConnectionRef.Name}
	if err := p.Client.Get(ctx, key, connection); apierrors.IsNotFound(err) {
		p.observed.Connection = lifecycle.Obstacle{
			Reason: v1alpha1.ReasonConnectionMissing, Message: "waits for the KafkaConnection " + key.Name, Waiting: true,
		}
		return nil
	} else if err != nil {
		return err
	}
	p.connection, p.observed.Brokers = connection.Spec, connection.Spec
	kafka, err := p.Connect(ctx, connection)
	if err != nil {
		p.unreachable(fmt.Errorf("KafkaConnection %s: %w", key.Name, err))
		return nil
	}
	p.kafka = kafka
	return nil
}

// unreachable notes why Kafka did not answer, once. It can go away without a change of the job.
func (p *pass) unreachable(err error) {
	if !p.observed.Connection.Is() {
		p.observed.Connection = lifecycle.Obstacle{Reason: verdict.ReasonOf(err), Message: err.Error(), Waiting: true}
	}
}

func (p *pass) observeTopics(ctx context.Context) error {
	var topics v1alpha1.StreamTopicList
	err := p.Client.List(ctx, &topics, client.InNamespace(p.job.Namespace), client.MatchingFields{indexConnection: p.job.Spec.ConnectionRef.Name})
	p.topics = topics.Items
	return err
}

// observeStored looks for the plan that the attempt or the running epoch has in its ConfigMap.
func (p *pass) observeStored(ctx context.Context) error {
	epoch, want := render.StoredPlan(p.job)
	if want == "" {
		return nil
	}
	m := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: p.job.Namespace, Name: render.EpochName(p.job.Name, epoch)}
	err := p.Client.Get(ctx, key, m)
	if apierrors.IsNotFound(err) { // or not in the cache yet
		err = p.Reader.Get(ctx, key, m)
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !metav1.IsControlledBy(m, p.job) || m.Annotations[render.AnnotationPlanHash] != want {
		return nil
	}
	if p.stored, err = render.ReadPlan(m); err != nil {
		return err
	}
	p.observed.PlanStored = true
	p.observed.Commands = p.stored.HasControl()
	p.observed.Stateful = slices.ContainsFunc(p.stored.Stages, func(s physical.Stage) bool { return s.Stateful })
	return nil
}

// observePlan compiles, unless what it would compile is what runs: an operator of another version then does not restart
// a job that nobody changed.
func (p *pass) observePlan(context.Context) error {
	input, err := render.Job(p.job, p.topics)
	if err != nil {
		return p.wrong(err)
	}
	hash, err := render.InputHash(input)
	if err != nil {
		return err
	}
	if r := p.job.Status.Runtime; r != nil && r.InputHash == hash && p.observed.PlanStored {
		if err := render.CheckOverload(p.job, p.stored); err != nil {
			return p.wrong(err)
		}
		p.observed.Plan = &lifecycle.Plan{Format: r.PlanFormat, Hash: r.PlanHash, StateHash: r.StateHash, InputHash: hash, NoCommands: !p.stored.HasControl()}
		return nil
	}
	plan, err := p.judge().Plan(p.job, input)
	if err != nil {
		return p.wrong(err)
	}
	p.plan = plan
	p.observed.Plan = &lifecycle.Plan{
		Format: int32(plan.Format), Hash: plan.Hash, StateHash: plan.StateHash, InputHash: hash, NoCommands: !plan.HasControl(), //nolint:gosec // a small constant
	}
	p.compare()
	return nil
}

func (p *pass) judge() *admission.Judge {
	return &admission.Judge{Compile: p.Compile, WorkerImage: p.WorkerImage}
}

// wrong notes what is wrong with the query. Only a bug of ours ends the pass.
func (p *pass) wrong(err error) error {
	if fault.KindOf(err) == fault.Bug {
		return err
	}
	p.observed.Query = admission.Query(err)
	return nil
}

func (p *pass) observeTemplate(context.Context) error {
	p.observed.Template = admission.Template(p.job)
	return nil
}

// observeKafka asks Kafka what the decision needs: before a start whether topics are there and no state is, for a running job how far it has
// come, and what became of a savepoint.
func (p *pass) observeKafka(ctx context.Context) error {
	s := p.job.Status
	if p.kafka == nil {
		return nil
	}
	if err := p.observeUpgrade(ctx); err != nil || s.Attempt != nil {
		return err
	}
	if p.plan != nil && (s.Runtime == nil || s.Runtime.PlanHash != p.plan.Hash) {
		p.observeNeeds(ctx)
	}
	switch {
	case s.Epoch == 0:
		return p.observeFound(ctx)
	case p.stored == nil || withoutWorkers(p.job):
		return nil
	}
	if lifecycle.NeedsMembers(&p.observed) {
		members, err := p.kafka.Members(ctx, s.Prefix)
		if err != nil {
			p.unreachable(err)
			return nil
		}
		p.observed.Members = members
	}
	progress, err := p.kafka.Progress(ctx, s.Prefix, s.Epoch, p.stored.SourceTopics())
	switch {
	case err == nil:
		p.observed.Progress = progress
	case verdict.ReasonOf(err) != v1alpha1.ReasonKafkaError: // a deleted input topic is no broken connection
		p.unreachable(err)
	}
	p.observeReading(ctx)
	return nil
}

// withoutWorkers says whether a job is stopped, and not to be begun when something arrives.
func withoutWorkers(job *v1alpha1.StreamJob) bool {
	return job.Status.Held != nil || job.Status.Suspended != nil && !lifecycle.AtZero(job)
}

// observeFound looks for what an earlier job of the same name has left.
func (p *pass) observeFound(ctx context.Context) error {
	if p.plan == nil || p.observed.Connection.Is() {
		return nil
	}
	remains, err := p.remains(ctx)
	if err != nil {
		return err
	}
	found, err := p.kafka.HasState(ctx, remains)
	if err != nil {
		p.unreachable(err)
	}
	p.observed.StateFound = found
	p.observeRange(ctx)
	return nil
}

// observeNeeds looks for the topics that the new plan reads and writes.
func (p *pass) observeNeeds(ctx context.Context) {
	needed := slices.Concat(p.plan.SourceTopics(), p.plan.SinkTopics())
	missing, err := p.kafka.Missing(ctx, needed)
	if err != nil {
		p.unreachable(err)
		return
	}
	for i := range p.topics {
		topic := &p.topics[i]
		if slices.Contains(needed, topic.Topic()) && !slices.Contains(missing, topic.Topic()) &&
			!meta.IsStatusConditionTrue(topic.Status.Conditions, v1alpha1.ConditionReady) {
			missing = append(missing, topic.Topic()+" (StreamTopic "+topic.Name+" is not Ready)")
		}
	}
	if len(missing) > 0 {
		p.observed.Topics = lifecycle.Obstacle{
			Reason: v1alpha1.ReasonWaitingForTopics, Message: "waits for the topics " + strings.Join(missing, ", "), Waiting: true,
		}
	}
}

// storedPlan reads the plan of an epoch.
func (p *pass) storedPlan(ctx context.Context, epoch int64) (*physical.Plan, error) {
	m := &corev1.ConfigMap{}
	if err := p.Reader.Get(ctx, client.ObjectKey{Namespace: p.job.Namespace, Name: render.EpochName(p.job.Name, epoch)}, m); err != nil {
		return nil, err
	}
	return render.ReadPlan(m)
}

func (p *pass) workload(a lifecycle.Action) *render.Workload {
	if p.Plants.beginEmpty() {
		a.RestoreFrom = ""
	}
	return &render.Workload{
		Job: p.job, Prefix: p.prefix(), Connection: p.connection,
		Epoch: a.Epoch, StateEpoch: a.StateEpoch, Replicas: a.Replicas, Image: a.Image, PullSecrets: p.PullSecrets, Operator: p.Version,
		RestoreFrom: a.RestoreFrom, RestoreExactly: a.RestoreExactly, DropRemoved: a.DropRemoved,
	}
}

// prefix is the job's name on Kafka: the one in the journal, once there is one.
func (p *pass) prefix() string {
	if p.job.Status.Prefix != "" {
		return p.job.Status.Prefix
	}
	return p.observed.Prefix
}

// names are those of the job on Kafka, in a state epoch.
func (p *pass) names(stateEpoch int64) physical.Topics {
	return physical.Topics{Prefix: p.prefix(), StateEpoch: stateEpoch}
}
