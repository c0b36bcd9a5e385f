//go:build envtest

package envtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// internalTopics is how many the job has: commits, control, exchange and changelog.
const internalTopics = 4

func TestManifestsMayArriveInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			all := []string{w.connection(), topicYAML("in", ""), topicYAML("out", ""), jobYAML(sql1, "parallelism: 2,")}
			for _, i := range order {
				w.apply(all[i])
			}
			job := w.awaitJob("Running 1 Ready")
			if got := w.topics(job.Status.Prefix); len(got) != internalTopics {
				t.Errorf("internal topics %v, want commits, control, exchange and changelog", got)
			}
			if got := w.topics(""); !slices.Contains(got, "in") || !slices.Contains(got, "out") {
				t.Errorf("topics %v", got)
			}
			if p := job.Status.Parallelism; p != (v1alpha1.ParallelismStatus{Current: 2, Ready: 2, Desired: 2}) {
				t.Errorf("parallelism %+v", p)
			}
			if job.Status.Lag == nil || job.Status.Lag.Records != 0 {
				w.await("the lag", func() error {
					if l := w.job().Status.Lag; l == nil || l.Records != 0 {
						return fmt.Errorf("lag %v", l)
					}
					return nil
				})
			}
			for _, child := range []client.Object{&corev1.Service{}, &corev1.ServiceAccount{}, &policyv1.PodDisruptionBudget{}, &networkingv1.NetworkPolicy{}} {
				if err := kube.Get(t.Context(), w.key("job-worker"), child); err != nil {
					t.Errorf("%T: %v", child, err)
				}
			}
		})
	}
}

func running(t *testing.T, more string) *world {
	t.Helper()
	w := newWorld(t)
	w.apply(w.connection(), topicYAML("in", ""), topicYAML("out", ""), jobYAML(sql1, more))
	w.awaitJob("Running 1 Ready")
	return w
}

func TestScaleThroughTheSubresource(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	for _, n := range []int32{3, 1} {
		scale := &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: n}}
		if err := kube.SubResource("scale").Update(t.Context(), w.job(), client.WithSubResourceBody(scale)); err != nil {
			t.Fatal(err)
		}
		job := w.awaitJob("Running 1 Ready")
		if p := job.Status.Parallelism; p.Current != n || p.Ready != n {
			t.Errorf("parallelism %+v, want %d", p, n)
		}
	}
	if job := w.job(); job.Status.MaxOrdinal != 2 {
		t.Errorf("the highest ordinal is %d, want 2: the fence forgets a worker", job.Status.MaxOrdinal)
	}
	got := &autoscalingv1.Scale{}
	if err := kube.SubResource("scale").Get(t.Context(), w.job(), got); err != nil {
		t.Fatal(err)
	}
	if got.Status.Replicas != 1 || got.Status.Selector != "millrace.dev/job=job" {
		t.Errorf("scale %+v", got.Status)
	}
	for name, n := range map[string]int32{"none": 0, "above maxParallelism": 5} {
		scale := &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: n}}
		if err := kube.SubResource("scale").Update(t.Context(), w.job(), client.WithSubResourceBody(scale)); !apierrors.IsInvalid(err) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

func TestNewResourcesRollThePodsOneByOne(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 3,")
	w.apply(jobYAML(sql1, "parallelism: 3, resources: {requests: {cpu: 200m}},"))
	w.await("all pods replaced", func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.killed) != 3 {
			return fmt.Errorf("replaced %v", w.killed)
		}
		return nil
	})
	job := w.awaitJob("Running 1 Ready")
	if job.Status.Epoch != 1 || !slices.Equal(w.killed, []string{"job-1-2", "job-1-1", "job-1-0"}) {
		t.Errorf("epoch %d, replaced %v", job.Status.Epoch, w.killed)
	}
}

func TestARollStopsAtAPodThatDoesNotBecomeReady(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 2,")
	w.mu.Lock()
	w.sick["job-1-1"] = true
	w.mu.Unlock()
	w.apply(jobYAML(sql1, "parallelism: 2, runtimeVersion: broken,"))
	w.await("the first pod replaced", func() error {
		pod := &corev1.Pod{}
		if err := kube.Get(t.Context(), w.key("job-1-1"), pod); err != nil || pod.Spec.Containers[0].Image != "millrace/worker:broken" {
			return fmt.Errorf("it is %v: %w", pod.Spec.Containers, err)
		}
		return nil
	})
	if job := w.awaitJob("Rolling 1 Rolling"); job.Status.Parallelism.Ready != 1 {
		t.Errorf("ready %d, want the worker that was left alone", job.Status.Parallelism.Ready)
	}
	w.apply(jobYAML(sql1, "parallelism: 2, runtimeVersion: good,"))
	w.mu.Lock()
	w.sick = map[string]bool{}
	w.mu.Unlock()
	w.awaitJob("Running 1 Ready")
}

func TestAPlanWithTheSameStateBeginsAnEpochOnTheSameTopics(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	before := w.topics(w.job().Status.Prefix)
	w.apply(jobYAML("FROM in TO out STATE s1 PLAN p2", ""))
	job := w.awaitJob("Running 2 Ready")
	if job.Status.StateEpoch != 1 || job.Status.Runtime.PlanHash != "p2" {
		t.Errorf("status %+v", job.Status)
	}
	if after := w.topics(job.Status.Prefix); !slices.Equal(before, after) {
		t.Errorf("internal topics %v, before %v", after, before)
	}
	if w.set(1) != nil {
		t.Error("the workload of epoch 1 is still there")
	}
	args := w.set(2).Spec.Template.Spec.Containers[0].Args
	if !slices.Contains(args, "--epoch=2") || !slices.Contains(args, "--state-epoch=1") {
		t.Errorf("args %v", args)
	}
	w.apply(jobYAML("FROM  in  TO  out  STATE s1 PLAN p2", "")) // another text, the same plan
	if job := w.awaitJob("Running 2 Ready"); job.Status.Attempt != nil {
		t.Errorf("an attempt %+v", job.Status.Attempt)
	}
}

func TestWhatCannotBeFollowedIsRefusedAndTheJobGoesOn(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ job, reason string }{
		"other state":     {jobYAML("FROM in TO out STATE s2 PLAN p2", ""), v1alpha1.ReasonSavepointsMissing},
		"a wrong query":   {jobYAML("SELECT", ""), v1alpha1.ReasonInvalidQuery},
		"a missing table": {jobYAML("FROM elsewhere TO out STATE s1 PLAN p2", ""), v1alpha1.ReasonWaitingForTopics},
		"a wrong template": {
			jobYAML(sql1, "template: {spec: {nodeSelektor: {}}},"), v1alpha1.ReasonInvalidTemplate,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := running(t, "")
			uid, generation := w.set(1).UID, w.set(1).Generation
			w.apply(c.job)
			w.awaitJob("Running 1 " + c.reason)
			w.awaitRefusal(c.reason)
			if set := w.set(1); set.UID != uid || set.Generation != generation {
				t.Errorf("the workload was touched: %+v", set.ObjectMeta)
			}
			w.apply(jobYAML(sql1, ""))
			w.awaitJob("Running 1 Ready")
		})
	}
}

// awaitRefusal waits until the job says why its spec is not followed.
func (w *world) awaitRefusal(reason string) {
	w.t.Helper()
	w.await("the refusal", func() error {
		conditions := w.job().Status.Conditions
		for _, name := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionReconciling} {
			if c := meta.FindStatusCondition(conditions, name); c != nil && c.Reason == reason {
				return nil
			}
		}
		return fmt.Errorf("it says %+v", conditions)
	})
}

// doAsTold runs the command that the Ready condition's message ends with.
func (w *world) doAsTold() {
	w.t.Helper()
	message := meta.FindStatusCondition(w.job().Status.Conditions, v1alpha1.ConditionReady).Message
	_, command, ok := strings.Cut(message, "kubectl ")
	if !ok {
		w.t.Fatalf("no command in %q", message)
	}
	if text, err := kubectl(w.t.Context(), strings.Fields(command)...); err != nil {
		w.t.Fatalf("kubectl %s: %v: %s", command, err, text)
	}
}

func TestADeletedJobLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for policy, left := range map[string]int{"Delete": 0, "Retain": internalTopics} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			w := running(t, "deletion: {internalTopics: "+policy+"},")
			job := w.job()
			if err := kube.Delete(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			w.await("the job gone", func() error {
				err := kube.Get(t.Context(), w.key("job"), &v1alpha1.StreamJob{})
				if !apierrors.IsNotFound(err) {
					return fmt.Errorf("it is there: %w", err)
				}
				return nil
			})
			if got := w.topics(job.Status.Prefix); len(got) != left {
				t.Errorf("internal topics %v, want %d", got, left)
			}
			if w.set(1) != nil {
				t.Error("the workload is still there")
			}
			w.apply(jobYAML(sql1, ""))
			if left == 0 {
				w.awaitJob("Running 1 Ready")
				return
			}
			w.awaitJob("Stalled 0 " + v1alpha1.ReasonStateFound)
			w.doAsTold()
			job = w.awaitJob("Running 1 Ready")
			if job.Annotations[v1alpha1.AnnotationFoundState] != "" {
				t.Error("the consent is still there")
			}
		})
	}
}

func TestEverythingDeletedAtOnceIsCleanedUp(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	prefix := w.job().Status.Prefix
	objects := []client.Object{
		&v1alpha1.KafkaConnection{ObjectMeta: named(w, "default")},
		&v1alpha1.StreamTopic{ObjectMeta: named(w, "in")}, &v1alpha1.StreamTopic{ObjectMeta: named(w, "out")},
		&v1alpha1.StreamJob{ObjectMeta: named(w, "job")},
	}
	for _, o := range objects {
		if err := kube.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	w.await("everything gone", func() error {
		for _, o := range objects {
			if err := kube.Get(t.Context(), client.ObjectKeyFromObject(o), o); !apierrors.IsNotFound(err) {
				return errors.Join(fmt.Errorf("%T %s is there", o, o.GetName()), err)
			}
		}
		return nil
	})
	if got := append(w.topics(prefix), slices.DeleteFunc(w.topics(""), func(n string) bool { return n != "in" && n != "out" })...); len(got) > 0 {
		t.Errorf("topics left: %v", got)
	}
}

// An idle operator writes nothing: no resource version moves while it looks at its objects again and again.
func TestIdleMeansNoWrites(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 2,")
	w.await("the lag", func() error {
		if w.job().Status.Lag == nil {
			return errors.New("none")
		}
		return nil
	})
	before := w.versions()
	for range 5 { // each makes the operator look again
		topic := &v1alpha1.StreamTopic{ObjectMeta: named(w, "out")}
		patch := client.RawPatch("application/merge-patch+json", []byte(fmt.Sprintf(`{"metadata":{"annotations":{"touched":"%d"}}}`, time.Now().UnixNano())))
		if err := kube.Patch(t.Context(), topic, patch); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
	}
	if after := w.versions(); !slices.Equal(before, after) {
		t.Errorf("versions moved:\n%v\n%v", before, after)
	}
}

func (w *world) versions() []string {
	w.t.Helper()
	objects := []client.Object{
		w.job(), w.set(1), &corev1.Service{ObjectMeta: named(w, "job-worker")}, &corev1.ServiceAccount{ObjectMeta: named(w, "job-worker")},
		&policyv1.PodDisruptionBudget{ObjectMeta: named(w, "job-worker")}, &networkingv1.NetworkPolicy{ObjectMeta: named(w, "job-worker")},
		&corev1.ConfigMap{ObjectMeta: named(w, "job-1")}, &v1alpha1.StreamTopic{ObjectMeta: named(w, "in")}, &v1alpha1.KafkaConnection{ObjectMeta: named(w, "default")},
	}
	var list []string
	for _, o := range objects {
		if err := kube.Get(w.t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%T/%s@%s", o, o.GetName(), o.GetResourceVersion()))
	}
	return list
}

func named(w *world, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}
