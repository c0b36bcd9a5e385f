package streamjob_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ktypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/access"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/streamjob"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

const (
	partitions = 2
	query      = "INSERT INTO totals SELECT channel, window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY channel, window_start, window_end"
)

// world is a reconciler with a clock of its own, over an API server in memory that counts, and a broker in this process.
type world struct {
	t       *testing.T
	now     time.Time
	scheme  *runtime.Scheme
	store   client.WithWatch // of the test, and not counted
	broker  *kfake.Cluster
	admin   *kadm.Client
	pool    *kafkaadmin.Pool
	jobs    *streamjob.Reconciler
	due     map[ktypes.NamespacedName]time.Time
	records int64 // that have come in a partition
	read    int64 // of those that the jobs have committed

	mu     sync.Mutex
	writes map[string]int
	live   map[string]int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Unix(1_700_000_000, 0), scheme: runtime.NewScheme(), due: map[ktypes.NamespacedName]time.Time{}, writes: map[string]int{}, live: map[string]int{}}
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(w.scheme); err != nil {
			t.Fatal(err)
		}
	}
	connection := func(o client.Object) []string {
		switch o := o.(type) {
		case *v1alpha1.StreamJob:
			return []string{o.Spec.ConnectionRef.Name}
		case *v1alpha1.StreamTopic:
			return []string{o.Spec.ConnectionRef.Name}
		default:
			return nil
		}
	}
	w.store = fake.NewClientBuilder().WithScheme(w.scheme).WithTypeConverters(managedfields.NewDeducedTypeConverter()).
		WithStatusSubresource(&v1alpha1.StreamJob{}, &v1alpha1.StreamTopic{}, &v1alpha1.KafkaConnection{}, &appsv1.StatefulSet{}, &corev1.Pod{}).
		WithIndex(&v1alpha1.StreamJob{}, "spec.connectionRef.name", connection).
		WithIndex(&v1alpha1.StreamTopic{}, "spec.connectionRef.name", connection).Build()
	var err error
	if w.broker, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, "bids", "totals")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.broker.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.broker.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	w.admin = kadm.NewClient(cl)
	w.start()
	return w
}

// start begins an operator, as after a restart: it knows nothing.
func (w *world) start() {
	if w.pool != nil {
		w.pool.Close()
	}
	w.pool = kafkaadmin.NewPool(func() time.Time { return w.now })
	w.t.Cleanup(w.pool.Close)
	opener := access.Opener{Reader: w.store, Pool: w.pool}
	w.jobs = &streamjob.Reconciler{
		Client: interceptor.NewClient(w.store, w.counts()), Events: silence{}, Chronicle: silence{}, ClusterID: "c", WorkerImage: "millrace/worker:v1",
		Reader: interceptor.NewClient(w.store, interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
				w.count(w.live, "get", o)
				return c.Get(ctx, key, o, options...)
			},
		}),
		Compile: compile.Compile, Now: func() time.Time { return w.now }, Jitter: func(d time.Duration) time.Duration { return d },
		Connect: func(ctx context.Context, c *v1alpha1.KafkaConnection) (streamjob.Kafka, error) {
			return opener.Open(ctx, c)
		},
	}
}

// silence takes events and what passes came to, and counts neither.
type silence struct{}

func (silence) Eventf(runtime.Object, runtime.Object, string, string, string, string, ...any) {}

func (silence) Pass(ktypes.NamespacedName, *v1alpha1.StreamJobStatus, []lifecycle.Action) {}

func (silence) Gone(ktypes.NamespacedName) {}

func (silence) Scaling(string) {}

func (w *world) count(in map[string]int, verb string, o any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in[fmt.Sprintf("%s %s", verb, strings.TrimPrefix(fmt.Sprintf("%T", o), "*"))]++
}

// counts are the writes of the operator.
func (w *world) counts() interceptor.Funcs {
	return interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.CreateOption) error {
			w.count(w.writes, "create", o)
			return c.Create(ctx, o, options...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, options ...client.PatchOption) error {
			w.count(w.writes, "patch", o)
			return c.Patch(ctx, o, p, options...)
		},
		Apply: func(ctx context.Context, c client.WithWatch, o runtime.ApplyConfiguration, options ...client.ApplyOption) error {
			w.count(w.writes, "apply", o)
			return c.Apply(ctx, o, options...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.DeleteOption) error {
			w.count(w.writes, "delete", o)
			return c.Delete(ctx, o, options...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
			w.count(w.writes, sub+" of", o)
			return c.SubResource(sub).Patch(ctx, o, p, options...)
		},
	}
}

func (w *world) create(o client.Object) {
	w.t.Helper()
	if err := w.store.Create(w.t.Context(), o); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) topic(namespace, name string, schema *v1alpha1.TableSchema) {
	w.t.Helper()
	schema.Format.Type = v1alpha1.FormatJSON
	topic := &v1alpha1.StreamTopic{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.StreamTopicSpec{ConnectionRef: v1alpha1.ConnectionReference{Name: "kafka"}, Partitions: partitions, Schema: schema},
	}
	w.create(topic)
	verdict.Verdict{State: verdict.Ready, Reason: v1alpha1.ReasonReady}.Apply(&topic.Status.Conditions, 0, w.now)
	if err := w.store.Status().Update(w.t.Context(), topic); err != nil {
		w.t.Fatal(err)
	}
}

// job makes a job in a namespace of its own, to be looked at now, and says what its names on Kafka begin with.
func (w *world) job(namespace string) (prefix string) {
	w.t.Helper()
	w.create(&v1alpha1.KafkaConnection{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "kafka", UID: "connection"},
		Spec:       v1alpha1.KafkaConnectionSpec{BootstrapServers: w.broker.ListenAddrs()},
	})
	w.topic(namespace, "bids", &v1alpha1.TableSchema{
		Columns:   []v1alpha1.TableColumn{{Name: "channel", Type: "STRING"}, {Name: "ts", Type: "TIMESTAMP"}},
		EventTime: &v1alpha1.EventTime{Column: "ts"},
	})
	w.topic(namespace, "totals", &v1alpha1.TableSchema{
		Columns: []v1alpha1.TableColumn{{Name: "channel", Type: "STRING"}, {Name: "window_start", Type: "TIMESTAMP"}, {Name: "n", Type: "BIGINT"}},
	})
	job := &v1alpha1.StreamJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "job", UID: ktypes.UID(namespace), Generation: 1},
		Spec: v1alpha1.StreamJobSpec{
			ConnectionRef: v1alpha1.ConnectionReference{Name: "kafka"}, SQL: query, Parallelism: 1, MaxParallelism: 4, BadRows: v1alpha1.BadRows{Type: "Fail"},
		},
	}
	w.create(job)
	w.due[client.ObjectKeyFromObject(job)] = w.now
	return "c." + namespace + ".job"
}

// run lets time go by, a second at a time: due jobs are looked at, workers come up, and each calls beforehand.
func (w *world) run(long time.Duration, each func()) (passes int) {
	w.t.Helper()
	for end := w.now.Add(long); w.now.Before(end); w.now = w.now.Add(time.Second) {
		if each != nil {
			each()
		}
		passes += w.pass()
	}
	return passes
}

func (w *world) pass() (passes int) {
	w.t.Helper()
	for _, key := range slices.SortedFunc(maps.Keys(w.due), func(a, b ktypes.NamespacedName) int { return strings.Compare(a.Namespace, b.Namespace) }) {
		if w.due[key].After(w.now) {
			continue
		}
		result, err := w.jobs.Reconcile(w.t.Context(), ctrl.Request{NamespacedName: key})
		if err != nil {
			w.t.Fatal(err)
		}
		passes++
		w.due[key] = w.now.Add(result.RequeueAfter)
		if w.workers(key.Namespace) {
			w.due[key] = w.now
		}
	}
	return passes
}

// workers makes the pods that the workloads of a namespace want, ready at once, and says whether there are new ones.
func (w *world) workers(namespace string) (more bool) {
	w.t.Helper()
	var sets appsv1.StatefulSetList
	if err := w.store.List(w.t.Context(), &sets, client.InNamespace(namespace)); err != nil {
		w.t.Fatal(err)
	}
	for i := range sets.Items {
		set := &sets.Items[i]
		if set.Status.UpdateRevision == "" {
			set.Status.ObservedGeneration, set.Status.UpdateRevision = set.Generation, "r"
			if err := w.store.Status().Update(w.t.Context(), set); err != nil {
				w.t.Fatal(err)
			}
		}
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: set.Name + "-0", Labels: maps.Clone(set.Spec.Template.Labels)},
			Spec:       set.Spec.Template.Spec,
			Status:     corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
		}
		pod.Labels[appsv1.ControllerRevisionHashLabelKey] = "r"
		if w.store.Create(w.t.Context(), pod) == nil {
			more = true
		}
	}
	return more
}

// commits moves the offsets of jobs to what has come in, with a watermark of now.
func (w *world) commits(prefixes ...string) {
	w.t.Helper()
	w.read = w.records
	for _, prefix := range prefixes {
		offsets := kadm.Offsets{}
		for number := range int32(partitions) {
			m := task.Meta{JobEpoch: 1, Seq: w.read + 1, Watermark: types.Watermark(w.now.UnixMicro())}
			offsets.Add(kadm.Offset{Topic: "bids", Partition: number, At: w.read, LeaderEpoch: -1, Metadata: m.Encode()})
		}
		if err := w.admin.CommitAllOffsets(w.t.Context(), prefix, offsets); err != nil {
			w.t.Fatal(err)
		}
	}
}

// produce writes records into each partition.
func (w *world) produce(n int) {
	w.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.broker.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	for range n {
		for number := range int32(partitions) {
			cl.Produce(w.t.Context(), &kgo.Record{Topic: "bids", Partition: number, Value: []byte("{}")}, nil)
		}
	}
	if err := cl.Flush(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.records += int64(n)
}

// forget begins to count anew.
func (w *world) forget() { w.writes, w.live = map[string]int{}, map[string]int{} }

// sum adds up.
func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}
