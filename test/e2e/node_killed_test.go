//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

var _ = Describe("a node loses power", Label("interrupted"), func() {
	It("its worker is fenced and comes back on another node, and the others do its work meanwhile", func(ctx SpecContext) {
		if world.addNode == "" || world.killNode == "" {
			Skip("E2E_NODE_ADD and E2E_NODE_KILL are not set: no node can be had and taken away here")
		}
		first := strings.TrimSpace(kubectl(ctx, "get", "nodes", "-o", "jsonpath={.items[0].metadata.name}"))
		j := newJob(ctx, "node")
		DeferCleanup(func(ctx SpecContext) {
			kubectl(ctx, "uncordon", first)
			kubectl(ctx, "delete", "node", "node2", "--ignore-not-found")
		})
		j.applyTopics(ctx)
		j.applyEdited(ctx, "job.yaml", nil, "  resources:", "  template: {spec: {terminationGracePeriodSeconds: 5}}\n  resources:") // a lost pod is waited for as long
		j.runs(ctx)
		shell(ctx, world.addNode)
		kubectl(ctx, "cordon", first)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=2")
		j.runs(ctx)
		kubectl(ctx, "uncordon", first)
		epoch := j.epoch(ctx)
		worker := fmt.Sprintf("%s-%d-1", jobName, epoch)
		on := func(ctx context.Context) (string, error) {
			return tryKubectl(ctx, "", "-n", j.namespace, "get", "pod", worker, "-o", "jsonpath={.spec.nodeName} {.metadata.uid}")
		}
		before, err := on(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(before).To(HavePrefix("node2 "))
		j.feed(ctx)
		j.shares(ctx, 2)

		shell(ctx, world.killNode)
		j.shares(ctx, 1) // the brokers have given it up
		j.moves(ctx, j.written(ctx))
		Eventually(func(ctx context.Context) (v1alpha1.JobPhase, error) {
			o, err := j.get(ctx)
			return o.Status.Phase, err
		}).WithContext(ctx).Should(Equal(v1alpha1.PhaseDegraded))
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))).To(HaveExactElements(Not(BeEmpty()),
			HaveExactElements(jobName, "Degraded", "2", "2", "1", MatchRegexp(`^\d+$`), "AGE")))
		Expect(j.condition(ctx, v1alpha1.ConditionReady)).To(And(HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.ReasonWaitingForWorkers)))
		Eventually(on).WithContext(ctx).Should(HavePrefix(first+" "), "another pod of the name, on the node that is left")
		j.runs(ctx)
		Eventually(j.reasons).WithArguments(ctx).Should(ContainElement(v1alpha1.ReasonWorkerLost))
		Expect(j.epoch(ctx)).To(Equal(epoch), "the epoch stays")
		j.shares(ctx, 2)
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})
})

// shell runs a command that the environment was given, as a person's hand at the machine.
func shell(ctx context.Context, command string) {
	GinkgoHelper()
	GinkgoWriter.Println("$", command)
	out, err := exec.CommandContext(ctx, "bash", "-c", command).CombinedOutput()
	GinkgoWriter.Print(string(out))
	Expect(err).NotTo(HaveOccurred(), string(out))
}
