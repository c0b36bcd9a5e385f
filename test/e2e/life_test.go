//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// One job through all that a person and bad luck do to one: each scenario feeds it anew, and the checker looks at all
// that came out since its beginning.
var _ = Describe("a job's life", Ordered, func() {
	var j *job

	BeforeAll(func(ctx SpecContext) {
		j = newJob(ctx, "life")
		j.applyTopics(ctx)
		j.applyJob(ctx)
		j.runs(ctx)
	})

	It("runs, and kubectl get streamjobs shows it", Label("apply"), func(ctx SpecContext) {
		j.feed(ctx)
		j.check(ctx)
		j.noWorkerFailed(ctx)
		Eventually(func() [][]string { return table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs")) }).WithContext(ctx).
			WithPolling(2 * time.Second).Should(Equal([][]string{
			{"NAME", "PHASE", "PARALLELISM", "DESIRED", "READY", "LAG", "AGE"},
			{jobName, "Running", "1", "1", "1", "0", "AGE"},
		}))
	})

	It("scales 1 to 2 to 1 under load", Label("scale"), func(ctx SpecContext) {
		j.feed(ctx)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=2")
		j.runs(ctx)
		j.shares(ctx, 2)
		j.moves(ctx, j.written(ctx))
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=1")
		j.runs(ctx)
		j.shares(ctx, 1)
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("goes on when a worker's process is killed", Label("kill"), func(ctx SpecContext) {
		j.feed(ctx)
		pods, err := j.workers(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(pods).To(HaveLen(1))
		before, err := j.restarts(ctx)
		Expect(err).NotTo(HaveOccurred())
		kill9(ctx, j.namespace, pods[0].Name)
		Eventually(j.restarts).WithContext(ctx).Should(HaveKeyWithValue(pods[0].Name, before[pods[0].Name]+1))
		j.runs(ctx)
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
	})

	It("goes on when one of two workers is killed, and the other has gone before it is back", Label("kill-two"), func(ctx SpecContext) {
		j.feed(ctx)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=2")
		j.runs(ctx)
		j.shares(ctx, 2)
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		leaves := fmt.Sprintf("%s-%d-1", jobName, o.Status.Epoch)
		kill9(ctx, j.namespace, leaves)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=1")
		j.runs(ctx)
		j.shares(ctx, 1)
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
	})

	It("replaces its worker when its image changes", Label("roll"), func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		j.version = world.otherVersion
		j.applyJob(ctx)
		Eventually(func(ctx context.Context) (string, error) {
			pods, err := j.workers(ctx)
			if err != nil || len(pods) != 1 {
				return "", fmt.Errorf("%d workers, %w", len(pods), err)
			}
			return pods[0].Spec.Containers[0].Image, nil
		}).WithContext(ctx).Should(HaveSuffix(":" + world.otherVersion))
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(Equal(epoch), "the epoch stays")
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("replaces its worker when the resources change", Label("roll"), func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		j.cpu = "60m"
		j.applyJob(ctx)
		Eventually(func(ctx context.Context) (string, error) {
			pods, err := j.workers(ctx)
			if err != nil || len(pods) != 1 {
				return "", fmt.Errorf("%d workers, %w", len(pods), err)
			}
			return pods[0].Spec.Containers[0].Resources.Requests.Cpu().String(), nil
		}).WithContext(ctx).Should(Equal("60m"))
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(Equal(epoch), "the epoch stays")
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("refuses a query with other state, and goes on with its own", Label("query"), func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		Eventually(func(ctx context.Context) (string, error) { // until the webhook's certificate is there everything is taken
			out, err := tryKubectl(ctx, j.edited("'10' SECOND", "'20' SECOND"), "apply", "--dry-run=server", "-n", j.namespace, "-f", "-")
			if err == nil {
				return "", fmt.Errorf("it was taken: %s", out)
			}
			return out, nil
		}).WithContext(ctx).Should(And(ContainSubstring("is invalid"), ContainSubstring("savepoint")))
		kubectl(ctx, "-n", j.namespace, "label", "streamjob", jobName, v1alpha1.LabelAdmission+"="+v1alpha1.AdmissionSkip)
		j.applyQuery(ctx, "'10' SECOND", "'20' SECOND")
		Eventually(func(ctx context.Context) (*metav1.Condition, error) {
			o, err := j.get(ctx)
			return meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionPlanAccepted), err
		}).WithContext(ctx).Should(And(
			HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.ReasonStateChanged), HaveField("Message", ContainSubstring("savepoint"))))
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionJobRunning)).To(BeTrue())
		Expect(meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionStalled)).To(BeTrue())
		ready := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReady)
		Expect(ready).To(And(HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.ReasonStateChanged)), "the job is not as its spec says")
		j.moves(ctx, j.written(ctx))
		j.applyJob(ctx)
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(Equal(epoch), "taking the change back starts nothing")
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("follows a query with another filter in a new epoch, from where it was", Label("query"), func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		j.leaveOutNoise()
		j.applyQuery(ctx, "GROUP BY", "WHERE sensor <> 'noise'\n    GROUP BY")
		Eventually(j.epoch).WithArguments(ctx).Should(Equal(epoch + 1))
		j.runs(ctx)
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("goes on when the broker was killed", Label("broker"), func(ctx SpecContext) {
		if world.crash == "" {
			Skip("E2E_KAFKA_CRASH is not set: this broker can't be killed from here")
		}
		j.feed(ctx)
		GinkgoWriter.Println("$", world.crash)
		out, err := exec.CommandContext(ctx, "bash", "-c", world.crash).CombinedOutput()
		GinkgoWriter.Print(string(out))
		Expect(err).NotTo(HaveOccurred(), string(out))
		j.moves(ctx, j.written(ctx))
		j.runs(ctx)
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("leaves nothing when it is deleted", Label("delete"), func(ctx SpecContext) {
		j.feed(ctx)
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(j.onKafka(ctx, o.Status.Prefix)).NotTo(BeEmpty())
		kubectl(ctx, "-n", j.namespace, "delete", "streamjob", jobName, "--timeout=60s")
		j.gone(ctx, o.Status.Prefix)
		Expect(j.feeder.stop(ctx)).To(Succeed())
	})
})

// table splits what kubectl printed into fields; the age, the last of them, is not compared.
func table(text string) [][]string {
	var lines [][]string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) > 0 && len(lines) > 0 {
			fields[len(fields)-1] = "AGE"
		}
		lines = append(lines, fields)
	}
	return lines
}

// kill9 kills process 1 of a worker's container, or, told "stop", has it stand still until it is killed.
func kill9(ctx context.Context, namespace, pod string, what ...string) {
	GinkgoHelper()
	args := append([]string{namespace, pod, "worker"}, what...)
	GinkgoWriter.Println("$ ./kill9.sh", strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, "./kill9.sh", args...)
	cmd.Env = append(os.Environ(), "KUBECTL="+strings.Join(world.kubectl, " "))
	out, err := cmd.CombinedOutput()
	GinkgoWriter.Print(string(out))
	Expect(err).NotTo(HaveOccurred(), string(out))
}

// gone waits until the cluster and the broker have nothing of the job any more.
func (j *job) gone(ctx context.Context, prefix string) {
	GinkgoHelper()
	Eventually(func(ctx context.Context) (string, error) {
		return tryKubectl(ctx, "", "-n", j.namespace, "get", "statefulsets,controllerrevisions,pods,services,configmaps,poddisruptionbudgets,networkpolicies,serviceaccounts",
			"-l", "millrace.dev/job="+jobName, "-o", "name")
	}).WithContext(ctx).Should(BeEmpty())
	Eventually(j.onKafka).WithArguments(ctx, prefix).Should(BeEmpty())
}

// onKafka lists internal topics and group of a job.
func (j *job) onKafka(ctx context.Context, prefix string) []string {
	GinkgoHelper()
	var found []string
	topics, err := world.admin.ListTopics(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, name := range topics.Names() {
		if strings.HasPrefix(name, prefix+".") {
			found = append(found, "topic "+name)
		}
	}
	groups, err := world.admin.ListGroups(ctx)
	Expect(err).NotTo(HaveOccurred())
	if _, ok := groups[prefix]; ok {
		found = append(found, "group "+prefix)
	}
	return found
}

// shares waits until as many workers as there should be have partitions of the input.
func (j *job) shares(ctx context.Context, workers int) {
	GinkgoHelper()
	o, err := j.get(ctx)
	Expect(err).NotTo(HaveOccurred())
	Eventually(func(ctx context.Context) (map[string]int, error) {
		groups, err := world.admin.DescribeGroups(ctx, o.Status.Prefix)
		counts := map[string]int{}
		for _, m := range groups[o.Status.Prefix].Members {
			if a, ok := m.Assigned.AsConsumer(); ok && m.InstanceID != nil {
				for _, t := range a.Topics {
					counts[*m.InstanceID] += len(t.Partitions)
				}
			}
		}
		return counts, err
	}).WithContext(ctx).Should(And(HaveLen(workers), HaveEach(BeNumerically(">", 0))), "every worker has work")
}
