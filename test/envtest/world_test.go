//go:build envtest

package envtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
)

// patience bounds every wait; what is waited for comes in seconds.
const patience = 20 * time.Second

// world is a namespace, a broker of its own, and somebody who plays the StatefulSet controller.
type world struct {
	t         *testing.T
	namespace string
	broker    *kfake.Cluster
	kafka     *kadm.Client

	mu     sync.Mutex
	sick   map[string]bool // pods that never become ready
	deaf   map[string]bool // pods whose nodes do not answer: they do not go
	killed []string        // pods that the operator deleted, in order
	held   bool            // work that deletes savepoints does not come to its end
	erased []string        // what that work has deleted, in order
}

func newWorld(t *testing.T) *world {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ClusterID(rand.Text()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	return worldOn(t, broker)
}

// worldOn is a world whose broker may want more of its clients than to connect.
func worldOn(t *testing.T, broker *kfake.Cluster, options ...kgo.Opt) *world {
	t.Helper()
	cl, err := kgo.NewClient(append(options, kgo.SeedBrokers(broker.ListenAddrs()...))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}
	if err := kube.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, namespace: ns.Name, broker: broker, kafka: kadm.NewClient(cl), sick: map[string]bool{}, deaf: map[string]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { w.play(ctx) })
	t.Cleanup(func() { cancel(); done.Wait() })
	t.Cleanup(w.leave)
	return w
}

// leave deletes what the test made while its broker still answers, so that nothing waits for it afterwards.
func (w *world) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	kinds := []client.Object{&v1alpha1.StreamSavepoint{}, &v1alpha1.StreamJob{}, &v1alpha1.StreamTopic{}, &v1alpha1.KafkaConnection{}}
	for _, kind := range kinds {
		if err := kube.DeleteAllOf(ctx, kind, client.InNamespace(w.namespace)); err != nil {
			w.t.Error(err)
		}
	}
	for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		var jobs v1alpha1.StreamJobList
		var topics v1alpha1.StreamTopicList
		var savepoints v1alpha1.StreamSavepointList
		if errors.Join(kube.List(ctx, &jobs, client.InNamespace(w.namespace)), kube.List(ctx, &topics, client.InNamespace(w.namespace)),
			kube.List(ctx, &savepoints, client.InNamespace(w.namespace))) == nil && len(jobs.Items)+len(topics.Items)+len(savepoints.Items) == 0 {
			return
		}
	}
	w.t.Error("what the test made is still there")
}

// apply creates or updates objects written as YAML, one a document.
func (w *world) apply(manifests ...string) {
	w.t.Helper()
	for _, text := range manifests {
		if err := w.tryApply(text); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) tryApply(text string) error {
	return applyIn(w.t.Context(), w.namespace, text)
}

func applyIn(ctx context.Context, namespace, text string) error {
	o, err := object(text)
	if err != nil {
		return err
	}
	o.SetNamespace(namespace)
	return kube.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("test"), client.ForceOwnership)
}

func (w *world) connection() string {
	return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: default}, spec: {bootstrapServers: ["%s"]}}`,
		w.broker.ListenAddrs()[0])
}

func topicYAML(name, more string) string {
	return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: %s}, spec: {partitions: 2, deletionPolicy: Delete, %s schema: {columns: [{name: a, type: INT}]}}}`, name, more)
}

func jobYAML(sql, more string) string {
	return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: StreamJob, metadata: {name: job}, spec: {%s maxParallelism: 4, sql: "%s"}}`, more, sql)
}

const sql1 = "FROM in TO out STATE s1 PLAN p1"

// job reads the job.
func (w *world) job() *v1alpha1.StreamJob {
	w.t.Helper()
	job := &v1alpha1.StreamJob{}
	if err := kube.Get(w.t.Context(), w.key("job"), job); err != nil {
		w.t.Fatal(err)
	}
	return job
}

func (w *world) key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: w.namespace, Name: name}
}

// await polls until the check holds, and fails with what it said last.
func (w *world) await(what string, check func() error) {
	w.t.Helper()
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if last = check(); last == nil {
			return
		}
	}
	w.t.Fatalf("waited for: %s: %v", what, last)
}

// awaitJob waits until a job says what is expected: "Phase epoch reason".
func (w *world) awaitJob(want string) *v1alpha1.StreamJob {
	w.t.Helper()
	var job *v1alpha1.StreamJob
	w.await(want, func() error {
		job = w.job()
		reason := ""
		for _, c := range job.Status.Conditions {
			if c.Type == v1alpha1.ConditionReady || c.Type == v1alpha1.ConditionSuspended {
				reason = c.Reason
			}
		}
		got := fmt.Sprintf("%s %d %s", job.Status.Phase, job.Status.Epoch, reason)
		if got != want || job.Status.ObservedGeneration != job.Generation {
			return fmt.Errorf("it is %s: %+v", got, job.Status.Conditions)
		}
		return nil
	})
	return job
}

// topics lists the names of the broker's topics with a prefix.
func (w *world) topics(prefix string) []string {
	w.t.Helper()
	all, err := w.kafka.ListTopics(kadm.WithAuthorizedOps(w.t.Context()))
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, name := range all.Names() {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}

// play does what the StatefulSet controller, the kubelet and the garbage collector would.
func (w *world) play(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.turn(ctx); err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			w.t.Errorf("play: %v", err)
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func (w *world) turn(ctx context.Context) error {
	var sets appsv1.StatefulSetList
	var pods corev1.PodList
	if err := errors.Join(kube.List(ctx, &sets, client.InNamespace(w.namespace)), kube.List(ctx, &pods, client.InNamespace(w.namespace))); err != nil {
		return err
	}
	wanted := map[string]bool{}
	for i := range sets.Items {
		set := &sets.Items[i]
		revision := fmt.Sprintf("r%d", generationOf(set))
		if set.Status.ObservedGeneration != set.Generation || set.Status.UpdateRevision != revision {
			set.Status.ObservedGeneration, set.Status.UpdateRevision = set.Generation, revision
			if err := kube.Status().Update(ctx, set); err != nil {
				return err
			}
		}
		for n := range *set.Spec.Replicas {
			name := fmt.Sprintf("%s-%d", set.Name, n)
			wanted[name] = true
			if err := w.run(ctx, set, name, revision, pods.Items); err != nil {
				return err
			}
		}
	}
	for i := range pods.Items {
		if !wanted[pods.Items[i].Name] {
			if err := kube.Delete(ctx, &pods.Items[i], client.GracePeriodSeconds(0)); err != nil {
				return err
			}
		}
	}
	if err := w.removals(ctx); err != nil {
		return err
	}
	return w.collect(ctx)
}

// collect deletes the children of a job that is gone.
func (w *world) collect(ctx context.Context) error {
	for _, child := range []client.Object{&corev1.Service{}, &corev1.ServiceAccount{}, &policyv1.PodDisruptionBudget{}, &networkingv1.NetworkPolicy{}} {
		if err := kube.Get(ctx, w.key("job-worker"), child); err != nil {
			return client.IgnoreNotFound(err)
		}
		job := &v1alpha1.StreamJob{}
		err := kube.Get(ctx, w.key("job"), job)
		if client.IgnoreNotFound(err) != nil {
			return err
		}
		if err != nil || !metav1.IsControlledBy(child, job) {
			if err := kube.Delete(ctx, child); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
	return nil
}

// generationOf is a revision of the template: its length is enough here, where tests change one field.
func generationOf(set *appsv1.StatefulSet) int {
	text, _ := yaml.Marshal(set.Spec.Template)
	sum := 0
	for _, b := range text {
		sum = (sum*31 + int(b)) % 1_000_003
	}
	return sum
}

func (w *world) run(ctx context.Context, set *appsv1.StatefulSet, name, revision string, pods []corev1.Pod) error {
	for i := range pods {
		if pods[i].Name != name {
			continue
		}
		pod := &pods[i]
		w.mu.Lock()
		deaf := w.deaf[name]
		w.mu.Unlock()
		if deaf && pod.DeletionTimestamp != nil {
			return nil
		}
		if pod.DeletionTimestamp != nil {
			w.mu.Lock()
			w.killed = append(w.killed, name)
			w.mu.Unlock()
			return kube.Delete(ctx, pod, client.GracePeriodSeconds(0))
		}
		w.mu.Lock()
		sick := w.sick[name]
		w.mu.Unlock()
		if sick || len(pod.Status.Conditions) > 0 {
			return nil
		}
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
		return kube.Status().Update(ctx, pod)
	}
	template := set.Spec.Template.DeepCopy()
	pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Name, pod.Namespace, pod.Spec.NodeName = name, w.namespace, "nowhere"
	pod.Spec.ServiceAccountName = "" // the admission plugin of envtest wants no account
	pod.Labels[appsv1.ControllerRevisionHashLabelKey] = revision
	for _, c := range set.Spec.VolumeClaimTemplates {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: c.Name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: c.Name + "-" + name},
		}})
	}
	if err := kube.Create(ctx, pod); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

// set reads the StatefulSet of an epoch; nil when there is none.
func (w *world) set(epoch int64) *appsv1.StatefulSet {
	w.t.Helper()
	set := &appsv1.StatefulSet{}
	err := kube.Get(w.t.Context(), w.key(render.EpochName("job", epoch)), set)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return set
}
