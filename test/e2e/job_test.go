//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/test/e2e/rows"
)

const jobName = "totals"

// job is the StreamJob of a scenario in a namespace of its own, with what feeds and checks it.
type job struct {
	namespace string
	feeder    *feeder
	cpu       string // requested by a worker
	version   string // tag of the worker image
	checks    int
	ignore    string
}

// newJob makes the namespace and a feeder for it; nothing is applied yet. Both are gone after the scenario.
func newJob(ctx context.Context, name string) *job {
	GinkgoHelper()
	j := &job{namespace: fmt.Sprintf("e2e-%s-%d", name, time.Now().Unix()%1_000_000), cpu: "50m", version: world.version}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: j.namespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}
	Expect(world.cluster.Create(ctx, namespace)).To(Succeed())
	var err error
	j.feeder, err = newFeeder(world.brokers, j.input())
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func(ctx SpecContext) {
		j.feeder.close()
		out, err := tryKubectl(ctx, "", "delete", "namespace", j.namespace, "--ignore-not-found", "--timeout="+patience(os.Getenv("E2E_PATIENCE")).String())
		Expect(err).NotTo(HaveOccurred(), out)
	}, NodeTimeout(2*time.Minute))
	// registered last, so it runs first: the logs are read before the namespace goes
	DeferCleanup(func(ctx SpecContext) {
		if CurrentSpecReport().Failed() {
			collect(ctx, j.namespace)
		}
	}, NodeTimeout(time.Minute))
	return j
}

func (j *job) input() string  { return j.namespace + "-readings" }
func (j *job) output() string { return j.namespace + "-totals" }

func (j *job) names() map[string]string {
	return map[string]string{"NAMESPACE": j.namespace, "KAFKA": world.inCluster, "VERSION": j.version, "CPU": j.cpu}
}

func (j *job) applyTopics(ctx context.Context) {
	GinkgoHelper()
	apply(ctx, j.namespace, "connection.yaml", j.names())
	apply(ctx, j.namespace, "topics.yaml", j.names())
}

func (j *job) applyJob(ctx context.Context) {
	GinkgoHelper()
	apply(ctx, j.namespace, "job.yaml", j.names())
}

// applyQuery applies the job with a part of its manifest replaced, as after an edit of the file.
func (j *job) applyQuery(ctx context.Context, old, text string) {
	GinkgoHelper()
	applyText(ctx, j.namespace, j.edited(old, text), "job.yaml, edited")
}

// edited returns the job's manifest with a part replaced.
func (j *job) edited(old, text string) string {
	GinkgoHelper()
	manifest, err := os.ReadFile(filepath.Join("manifests", "job.yaml"))
	Expect(err).NotTo(HaveOccurred())
	Expect(string(manifest)).To(ContainSubstring(old))
	return fill(strings.Replace(string(manifest), old, text, 1), j.names())
}

// get reads the StreamJob.
func (j *job) get(ctx context.Context) (*v1alpha1.StreamJob, error) {
	o := &v1alpha1.StreamJob{}
	return o, world.cluster.Get(ctx, client.ObjectKey{Namespace: j.namespace, Name: jobName}, o)
}

// settled says whether the operator has done what the spec says.
func (j *job) settled(ctx context.Context) error {
	o, err := j.get(ctx)
	if err != nil {
		return err
	}
	s := o.Status
	ready := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady)
	switch {
	case s.ObservedGeneration != o.Generation:
		return fmt.Errorf("generation %d is not observed, %d is", o.Generation, s.ObservedGeneration)
	case s.Phase != v1alpha1.PhaseRunning || s.Parallelism.Ready != o.Spec.Parallelism || s.Parallelism.Current != o.Spec.Parallelism:
		return fmt.Errorf("phase %s, %d of %d workers are ready: %s", s.Phase, s.Parallelism.Ready, o.Spec.Parallelism, said(ready))
	case ready == nil || ready.Status != metav1.ConditionTrue:
		return fmt.Errorf("not Ready: %s", said(ready))
	}
	return nil
}

func said(c *metav1.Condition) string {
	if c == nil {
		return "no condition"
	}
	return c.Reason + ": " + c.Message
}

// runs waits until the job runs as its spec says.
func (j *job) runs(ctx context.Context) {
	GinkgoHelper()
	Eventually(j.settled).WithContext(ctx).Should(Succeed())
}

// epoch returns the job's epoch.
func (j *job) epoch(ctx context.Context) int64 {
	GinkgoHelper()
	o, err := j.get(ctx)
	Expect(err).NotTo(HaveOccurred())
	return o.Status.Epoch
}

// workers returns the worker pods of the job.
func (j *job) workers(ctx context.Context) ([]corev1.Pod, error) {
	var list corev1.PodList
	err := world.cluster.List(ctx, &list, client.InNamespace(j.namespace), client.MatchingLabels{"millrace.dev/job": jobName})
	return list.Items, err
}

// restarts returns how often each worker's container was restarted.
func (j *job) restarts(ctx context.Context) (map[string]int32, error) {
	pods, err := j.workers(ctx)
	counts := map[string]int32{}
	for i := range pods {
		for _, c := range pods[i].Status.ContainerStatuses {
			counts[pods[i].Name] += c.RestartCount
		}
	}
	return counts, err
}

// noWorkerFailed says that no worker had to be restarted: what was done to the job was none of their business.
func (j *job) noWorkerFailed(ctx context.Context) {
	GinkgoHelper()
	counts, err := j.restarts(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(counts).To(HaveEach(BeZero()), "restarts of workers")
}

// feed starts feeding and returns when results come out, so that what follows happens under load.
func (j *job) feed(ctx context.Context) {
	GinkgoHelper()
	before := j.written(ctx)
	j.feeder.start()
	j.moves(ctx, before)
}

// moves waits until more has come out than before.
func (j *job) moves(ctx context.Context, before int64) {
	GinkgoHelper()
	Eventually(j.written).WithContext(ctx).Should(BeNumerically(">", before), "results come out")
}

// written returns where the committed output ends, over all partitions.
func (j *job) written(ctx context.Context) int64 {
	ends, err := world.admin.ListCommittedOffsets(ctx, j.output())
	total := int64(0)
	if err != nil {
		return total
	}
	for _, partitions := range ends {
		for _, p := range partitions {
			total += max(0, p.Offset)
		}
	}
	return total
}

// check ends feeding and runs the checker over all that was ever fed and came out.
func (j *job) check(ctx context.Context) {
	GinkgoHelper()
	Expect(j.feeder.stop(ctx)).To(Succeed())
	j.checks++
	names := j.names()
	pod := fmt.Sprintf("checker-%d", j.checks)
	names["POD"], names["IMAGE"], names["WITHIN"], names["IGNORE"] = pod, world.image, "30s", j.ignore
	apply(ctx, j.namespace, "checker.yaml", names)
	var phase corev1.PodPhase
	Eventually(func(ctx context.Context) (corev1.PodPhase, error) {
		o := &corev1.Pod{}
		err := world.cluster.Get(ctx, client.ObjectKey{Namespace: j.namespace, Name: pod}, o)
		phase = o.Status.Phase
		return phase, err
	}).WithContext(ctx).Should(BeElementOf(corev1.PodSucceeded, corev1.PodFailed))
	out := kubectl(ctx, "-n", j.namespace, "logs", pod)
	Expect(phase).To(Equal(corev1.PodSucceeded), out)
}

// leaveOutNoise lets the checker take either result of the sensor that a changed query leaves out.
func (j *job) leaveOutNoise() { j.ignore = rows.Noise }
