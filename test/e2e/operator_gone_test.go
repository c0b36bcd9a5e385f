//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// A savepoint is the job's own affair: who asked for it may go, and so may the workers that make it.
var _ = Describe("a savepoint", Ordered, Label("gone"), func() {
	var j *job
	var prefix string

	BeforeAll(func(ctx SpecContext) {
		j = newJob(ctx, "gone")
		DeferCleanup(func(ctx SpecContext) { operators(ctx, 1) })
		j.applyTopics(ctx)
		j.applyVersion(ctx, version{largest: "0", seconds: 10})
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=2")
		j.runs(ctx)
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		prefix = o.Status.Prefix
	})

	It("is made by the command line while no operator is there, and one that is asked for meanwhile when there is one", func(ctx SpecContext) {
		j.feed(ctx)
		operators(ctx, 0)
		args := []string{"savepoint", "create", "--kafka", world.brokers, "--job", prefix, "--within", "60s"}
		GinkgoWriter.Println("$ millrace", strings.Join(args, " "))
		var progress strings.Builder
		cmd := exec.CommandContext(ctx, world.millrace, args...)
		cmd.Stderr = &progress
		id, err := cmd.Output()
		GinkgoWriter.Print(progress.String(), string(id))
		Expect(err).NotTo(HaveOccurred(), progress.String())
		Expect(string(id)).To(MatchRegexp(`^sp-\d{8}T\d{6}Z-[0-9a-f]+\n$`))
		Expect(progress.String()).To(ContainSubstring("all tasks are cut"))
		j.moves(ctx, j.written(ctx))

		j.applySavepoint(ctx, "asked", "Retain")
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamsavepoints"))).To(HaveExactElements(
			HaveExactElements("NAME", "JOB", "PHASE", "ORIGIN", "ROWS", "BYTES", "REASON", "AGE"), HaveExactElements("asked", jobName, "Manual", "AGE")), "nobody has looked at it")
		operators(ctx, 1)
		j.saved(ctx, "asked")
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("is made though the coordinator is killed in the middle and the operator goes, and is Completed when it is back", func(ctx SpecContext) {
		j.feed(ctx)
		coordinator, other := j.coordinator(ctx, prefix)
		kill9(ctx, j.namespace, other, "stop") // whose tasks then are not cut: the savepoint waits for them
		j.applySavepoint(ctx, "cut", "Retain")
		Eventually(j.savepoint).WithArguments(ctx, "cut").WithPolling(beat).Should(And(
			HaveField("Status.Phase", v1alpha1.SavepointInProgress),
			HaveField("Status.Conditions", ContainElement(And(HaveField("Type", v1alpha1.ConditionReconciling), HaveField("Reason", v1alpha1.ReasonSavepointing),
				HaveField("Message", HaveSuffix("the sources are held until all tasks are cut")))))))
		kill9(ctx, j.namespace, coordinator)
		during, err := j.savepoint(ctx, "cut")
		Expect(err).NotTo(HaveOccurred())
		Expect(during.Status.Phase).To(Equal(v1alpha1.SavepointInProgress), "it was killed in the middle")
		operators(ctx, 0)
		kill9(ctx, j.namespace, other)
		j.moves(ctx, j.written(ctx)) // the sources go on, so all tasks are cut
		operators(ctx, 1)
		j.saved(ctx, "cut")
		after, err := j.savepoint(ctx, "cut")
		Expect(err).NotTo(HaveOccurred())
		Expect(after.Status.ID).To(Equal(during.Status.ID), "the one that was asked for")
		Eventually(j.restarts).WithArguments(ctx).Should(And(HaveKeyWithValue(coordinator, int32(1)), HaveKeyWithValue(other, int32(1))))
		j.runs(ctx)
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
	})
})

// operators sets how many operators there are, and waits until it is so.
func operators(ctx context.Context, n int) {
	GinkgoHelper()
	kubectl(ctx, "-n", operatorNamespace, "scale", "deployment/"+operatorName, fmt.Sprintf("--replicas=%d", n))
	if n > 0 {
		Eventually(operatorReady).WithContext(ctx).Should(Succeed())
		return
	}
	Eventually(func(ctx context.Context) (string, error) {
		return tryKubectl(ctx, "", "-n", operatorNamespace, "get", "pods", "-l", operatorLabel, "-o", "name")
	}).WithContext(ctx).Should(BeEmpty())
}

// savepoint reads a StreamSavepoint of the job's namespace.
func (j *job) savepoint(ctx context.Context, name string) (*v1alpha1.StreamSavepoint, error) {
	o := &v1alpha1.StreamSavepoint{}
	return o, world.cluster.Get(ctx, client.ObjectKey{Namespace: j.namespace, Name: name}, o)
}

// saved waits until a StreamSavepoint is there, as a person sees it.
func (j *job) saved(ctx context.Context, name string) {
	GinkgoHelper()
	kubectl(ctx, "-n", j.namespace, "wait", "--for=condition=Ready", "streamsavepoint/"+name, "--timeout=90s")
	o, err := j.savepoint(ctx, name)
	Expect(err).NotTo(HaveOccurred())
	Expect(o.Status.Rows).To(HaveValue(BeNumerically(">", 0)), "it holds state")
	Expect(o.Status.Conditions).To(And(
		ContainElement(And(HaveField("Type", v1alpha1.ConditionReady), HaveField("Status", metav1.ConditionTrue), HaveField("Reason", v1alpha1.ReasonSavepointCompleted))),
		Not(ContainElement(HaveField("Type", v1alpha1.ConditionReconciling))), Not(ContainElement(HaveField("Type", v1alpha1.ConditionStalled)))))
	Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamsavepoints", name))).To(HaveExactElements(Not(BeEmpty()),
		HaveExactElements(name, jobName, "Completed", "Manual", MatchRegexp(`^\d+$`), MatchRegexp(`^\d+$`), v1alpha1.ReasonSavepointCompleted, "AGE")))
}

// ordinal is the end of a worker's name in its group.
var ordinal = regexp.MustCompile(`\d+$`)

// coordinator names the pod of the worker that brings savepoints to their end, which has the first partition of the input, and that of another one.
func (j *job) coordinator(ctx context.Context, prefix string) (coordinator, other string) {
	GinkgoHelper()
	j.shares(ctx, 2)
	groups, err := world.admin.DescribeGroups(ctx, prefix)
	Expect(err).NotTo(HaveOccurred())
	epoch := j.epoch(ctx)
	for _, m := range groups[prefix].Members {
		a, ok := m.Assigned.AsConsumer()
		if !ok || m.InstanceID == nil {
			continue
		}
		pod := fmt.Sprintf("%s-%d-%s", jobName, epoch, ordinal.FindString(*m.InstanceID))
		for _, t := range a.Topics {
			for _, p := range t.Partitions {
				if t.Topic == j.input() && p == 0 {
					coordinator = pod
				}
			}
		}
		if coordinator != pod {
			other = pod
		}
	}
	Expect(coordinator).NotTo(BeEmpty())
	return coordinator, other
}
