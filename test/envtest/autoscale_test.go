//go:build envtest

package envtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/controllers/workerapi"
)

// windowPatience is for what the autoscaler decides by half a minute of samples.
const windowPatience = 90 * time.Second

// overloaded are workers that play a job which falls behind, by the namespaces that say so; in all others nobody answers.
var overloaded sync.Map

type playedWorkers struct{}

// Ask has the first worker do all that there is: full all the time, it reads a thousand rows a second of six thousand that arrive.
func (playedWorkers) Ask(_ context.Context, pod types.NamespacedName, _ string) (*workerapi.Report, error) {
	value, ok := overloaded.Load(pod.Namespace)
	since, isTime := value.(time.Time)
	if !ok || !isTime {
		return nil, errors.New("nobody plays workers here")
	}
	r := &workerapi.Report{Ready: true, Lag: map[workerapi.Partition]int64{}}
	if !strings.HasSuffix(pod.Name, "-0") {
		return r, nil
	}
	passed := time.Since(since).Seconds()
	r.Busy = passed
	for p := range int32(2) {
		r.Tasks = append(r.Tasks, workerapi.Task{Stage: "read", Partition: p, Rows: 500 * passed, Busy: 0.3 * passed})
		r.Lag[workerapi.Partition{Topic: "in", Number: p}] = int64(2500 * passed)
	}
	exchange := "" // its name has the state epoch, and the cluster's id
	if value, ok := overloaded.Load(pod.Namespace + "/exchange"); ok {
		exchange, _ = value.(string)
	}
	for p := range int32(4) {
		r.Tasks = append(r.Tasks, workerapi.Task{Stage: "sum", Partition: p, Rows: 250 * passed, Busy: 0.1 * passed})
		r.Lag[workerapi.Partition{Topic: exchange, Number: p}] = 0
	}
	return r, nil
}

func (w *world) overload() {
	prefix := w.job().Status.Prefix
	overloaded.Store(w.namespace+"/exchange", prefix+".1.x")
	for _, topic := range w.topics(prefix + ".1.") {
		if strings.Contains(topic, "exchange") || strings.HasSuffix(topic, ".x") {
			overloaded.Store(w.namespace+"/exchange", topic)
		}
	}
	overloaded.Store(w.namespace, time.Now().Add(-time.Minute))
	w.t.Cleanup(func() { overloaded.Delete(w.namespace) })
}

// awaitWindow is await for what takes the autoscaler half a minute.
func (w *world) awaitWindow(what string, check func(*v1alpha1.StreamJob) error) {
	w.t.Helper()
	var last error
	for deadline := time.Now().Add(windowPatience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if last = check(w.job()); last == nil {
			return
		}
	}
	w.t.Fatalf("waited for: %s: %v", what, last)
}

func (w *world) scaleTo(n int32) {
	w.t.Helper()
	scale := &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: n}}
	if err := kube.SubResource("scale").Update(w.t.Context(), w.job(), client.WithSubResourceBody(scale), client.FieldOwner("kubectl")); err != nil {
		w.t.Fatal(err)
	}
}

func replicas(w *world) int32 { return *w.set(1).Spec.Replicas }

// A job that falls behind gets workers, whose number is the operator's alone: nobody who writes spec.parallelism takes part until the mode is Off.
func TestAutoScalesByLoadAndHasTheNumberAlone(t *testing.T) {
	t.Parallel()
	const auto = "autoscaling: {mode: Auto, maxWorkers: 3, lagObjective: 1s},"
	w := running(t, auto)
	w.overload()
	w.awaitWindow("three workers", func(job *v1alpha1.StreamJob) error {
		if p, a := job.Status.Parallelism, job.Status.Autoscaling; p.Ready != 3 || p.Desired != 3 || a == nil || len(a.History) != 1 || a.History[0].Settled == nil {
			return fmt.Errorf("%+v %+v", p, a)
		}
		return nil
	})
	job := w.awaitJob("Running 1 Ready")
	if d := job.Status.Autoscaling.History[0]; job.Spec.Parallelism != 1 || d.From != 1 || d.To != 3 || d.Reason != "LagGrew" || !strings.Contains(d.Message, "rows/s arrive") {
		t.Errorf("the spec has %d workers, the record is %+v", job.Spec.Parallelism, d)
	}
	if job.Status.MaxOrdinal != 2 {
		t.Errorf("the highest ordinal is %d: the fence forgets a worker", job.Status.MaxOrdinal)
	}
	w.tellsOfTwoOwners(auto)
	w.showsScaling()
	w.turnsOff()
}

// turnsOff gives the number back to the spec, which has two workers by now.
func (w *world) turnsOff() {
	w.t.Helper()
	w.apply(jobYAML(sql1, "autoscaling: {mode: 'Off'},")) // without quotes it is a boolean in YAML
	w.await("the number of the spec", func() error {
		s := w.job().Status
		if s.Parallelism.Ready != 2 || s.Parallelism.Current != 2 || s.Autoscaling != nil || meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionTwoOwners) != nil {
			return fmt.Errorf("%+v %+v", s.Parallelism, s.Autoscaling)
		}
		return nil
	})
}

// tellsOfTwoOwners scales a job of three workers to two, and applies its manifest, which says nothing of parallelism, before and behind it.
func (w *world) tellsOfTwoOwners(manifest string) {
	w.t.Helper()
	w.apply(jobYAML(sql1, manifest))
	w.scaleTo(2)
	w.await("that there are two owners", func() error {
		if c := meta.FindStatusCondition(w.job().Status.Conditions, v1alpha1.ConditionTwoOwners); c == nil || c.Reason != v1alpha1.ReasonParallelismChanged || !strings.Contains(c.Message, "from 1 to 2") {
			return fmt.Errorf("%+v", c)
		}
		return nil
	})
	w.apply(jobYAML(sql1, manifest))
	if job := w.awaitJob("Running 1 Ready"); replicas(w) != 3 || job.Spec.Parallelism != 2 || job.Status.Parallelism.Desired != 3 {
		w.t.Errorf("%d workers, %d by the spec: %+v", replicas(w), job.Spec.Parallelism, job.Status.Parallelism)
	}
}

// showsScaling looks at what the command lines say of it.
func (w *world) showsScaling() {
	w.t.Helper()
	var out bytes.Buffer
	c := w.commandLine(administrator)
	if err := c.Status(w.t.Context(), cluster.StatusOptions{Job: "job", Now: time.Now(), Stdout: &out, Stderr: &out}); err != nil {
		w.t.Fatal(err)
	}
	contains(w.t, out.String(), "3 ready, 3 there, 3 wanted", "Auto: ", "1 to 3 workers", "TwoOwners")
	out.Reset()
	if err := c.Scale(w.t.Context(), "job", 2, &out); err != nil {
		w.t.Fatal(err)
	}
	contains(w.t, out.String(), "does not count while spec.autoscaling.mode is Auto")
	text, err := kubectl(w.t.Context(), "-n", w.namespace, "get", "streamjob", "job")
	if err != nil {
		w.t.Error(err)
	}
	contains(w.t, text, "DESIRED")
}

func TestAdviseReportsAndDoesNothing(t *testing.T) {
	t.Parallel()
	w := running(t, "autoscaling: {mode: Advise, maxWorkers: 3, lagObjective: 1s},")
	w.await("that nothing is known yet", func() error {
		if c := meta.FindStatusCondition(w.job().Status.Conditions, v1alpha1.ConditionScalingActive); c == nil || c.Status != metav1.ConditionFalse || c.Reason != "MetricsMissing" {
			return fmt.Errorf("%+v", c)
		}
		return nil
	})
	w.overload()
	w.awaitWindow("advice", func(job *v1alpha1.StreamJob) error {
		if a := job.Status.Autoscaling; a.Recommendation != 3 || a.Reason != "LagGrew" || !meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ConditionScalingActive) {
			return fmt.Errorf("%+v", a)
		}
		return nil
	})
	if job := w.job(); replicas(w) != 1 || job.Status.Parallelism.Desired != 1 || len(job.Status.Autoscaling.History) > 0 {
		t.Errorf("it acts: %d workers, %+v", replicas(w), job.Status.Autoscaling)
	}
	w.await("an event", func() error {
		text, err := kubectl(t.Context(), "-n", w.namespace, "get", "events.events.k8s.io", "-o", "jsonpath={range .items[*]}{.reason} {.note}{\"\\n\"}{end}")
		if err != nil || !strings.Contains(text, "LagGrew with spec.autoscaling.mode Auto: ") {
			return fmt.Errorf("%w: %s", err, text)
		}
		return nil
	})
}

// Without data nothing is done but what the bounds ask for.
func TestTheBoundsHoldWithoutData(t *testing.T) {
	t.Parallel()
	w := running(t, "autoscaling: {mode: Auto, minWorkers: 2},")
	if n := replicas(w); n != 2 {
		t.Errorf("it begins with %d workers", n)
	}
	w.apply(jobYAML(sql1, "autoscaling: {mode: Auto, minWorkers: 3, maxWorkers: 3},"))
	w.await("three workers", func() error {
		if s := w.job().Status; s.Parallelism.Ready != 3 || s.Autoscaling.History[0].Reason != "OutOfBounds" {
			return fmt.Errorf("%+v %+v", s.Parallelism, s.Autoscaling)
		}
		return nil
	})
}

// Nothing of the default of spec.parallelism is in the way of kubectl scale: who applies a manifest without it, on either side, leaves it alone.
func TestAManifestWithoutParallelismLeavesWhatWasScaledAlone(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	for n, apply := range []func(){
		func() { w.apply(jobYAML(sql1, "")) },
		func() { w.apply(jobYAML(sql1, "commitInterval: 200ms,")) },
		func() { w.kubectlApply(jobYAML(sql1, "commitInterval: 200ms,")) },
		func() { w.kubectlApply(jobYAML(sql1, "commitInterval: 300ms,")) },
	} {
		want := int32(2 + n%2)
		w.scaleTo(want)
		apply()
		if job := w.awaitJob("Running 1 Ready"); job.Spec.Parallelism != want {
			t.Errorf("apply %d: %d workers, want the %d that were scaled to", n, job.Spec.Parallelism, want)
		}
	}
}

// kubectlApply applies on the client's side, as kubectl does unless it is told otherwise.
func (w *world) kubectlApply(manifest string) {
	w.t.Helper()
	file := w.t.TempDir() + "/job.yaml"
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if text, err := kubectl(w.t.Context(), "-n", w.namespace, "apply", "-f", file); err != nil {
		w.t.Fatalf("%v: %s", err, text)
	}
}

// A job at zero has no workers, and its offsets stay; the first record brings it back, with the number that it had.
func TestAJobAtZeroWakesWithTheFirstRecord(t *testing.T) {
	t.Parallel()
	w := running(t, "autoscaling: {mode: Auto, minWorkers: 2, scaleToZero: {after: 1m}},")
	w.await("the journal at zero", func() error { // which the autoscaler would write after a minute
		job := w.job()
		before := job.DeepCopy()
		if job.Status.Autoscaling == nil {
			return errors.New("no journal yet")
		}
		job.Status.Autoscaling.Zero = &v1alpha1.ScaledToZero{Since: metav1.Now(), Generation: job.Generation}
		return kube.Status().Patch(t.Context(), job, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	})
	w.await("no workers", func() error {
		s := w.job().Status
		if s.Phase != v1alpha1.PhaseSuspended || s.Parallelism.Current != 0 || s.Parallelism.Desired != 0 {
			return fmt.Errorf("%s %+v", s.Phase, s.Parallelism)
		}
		return nil
	})
	if c := meta.FindStatusCondition(w.job().Status.Conditions, v1alpha1.ConditionSuspended); c == nil || c.Reason != v1alpha1.ReasonScaledToZero || !strings.Contains(c.Message, "when something arrives") {
		t.Errorf("it says %+v", c)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.broker.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: "in", Value: []byte(`{"a":1}`)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	w.awaitWindow("workers", func(job *v1alpha1.StreamJob) error {
		if s := job.Status; s.Parallelism.Ready != 2 || s.Autoscaling.Zero != nil || s.Autoscaling.History[0].Reason != "InputArrived" {
			return fmt.Errorf("%+v %+v", s.Parallelism, s.Autoscaling)
		}
		return nil
	})
	w.awaitJob("Running 2 Ready")
}

func TestAutoscalingThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, spec := range map[string]string{
		"more at least than at most":    "minWorkers: 3, maxWorkers: 2",
		"more than partitions of state": "maxWorkers: 5",
		"at least more than that":       "minWorkers: 5",
		"none at least":                 "minWorkers: 0",
		"full workers":                  "targetUtilization: 100",
		"another mode":                  "mode: Sometimes",
		"no delay":                      "scaleDownDelay: 1s",
		"a catch-up of a second":        "catchUp: 1s",
		"zero at once":                  "scaleToZero: {after: 1s}",
		"a schedule of four fields":     "schedules: [{start: '0 8 * *', end: '0 9 * * *', minWorkers: 2}]",
		"a schedule with a zone in it":  "schedules: [{start: 'TZ=UTC 8 * * *', end: '0 9 * * *', minWorkers: 2}]",
	} {
		if err := w.tryApply(jobYAML(sql1, "autoscaling: {"+spec+"},")); !apierrors.IsInvalid(err) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	w.apply(jobYAML(sql1, "autoscaling: {},"))
	got, want := w.job().Spec.Autoscaling, &v1alpha1.Autoscaling{
		Mode: v1alpha1.AutoscalingOff, MinWorkers: 1, TargetUtilization: 70, LagObjective: metav1.Duration{Duration: 30 * time.Second},
		CatchUp: metav1.Duration{Duration: 5 * time.Minute}, ScaleDownDelay: metav1.Duration{Duration: 5 * time.Minute},
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("defaults %+v, want %+v", got, want)
	}
	for field, wants := range map[string][]string{
		"streamjob.spec.autoscaling":                   {"targetUtilization", "lagObjective", "scaleDownDelay"},
		"streamjob.spec.autoscaling.mode":              {"where spec.parallelism is the number of workers"},
		"streamjob.status.autoscaling.history.settled": {"until all workers were ready"},
	} {
		text, err := kubectl(t.Context(), "explain", field)
		if err != nil {
			t.Error(err)
		}
		contains(t, strings.Join(strings.Fields(text), " "), wants...)
	}
}
