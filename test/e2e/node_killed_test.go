//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

var _ = Describe("a node loses power", Label("interrupted"), func() {
	It("in the middle of a rise: its workers are fenced and come back on another node, and the others do their work meanwhile", func(ctx SpecContext) {
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

		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=3")
		shell(ctx, world.killNode)
		Eventually(func(ctx context.Context) (string, error) {
			return tryKubectl(ctx, "", "get", "node", "node2", "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`)
		}).WithContext(ctx).Should(Equal("Unknown"))
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Eventually(j.members).WithArguments(ctx, o.Status.Prefix).ShouldNot(ContainElement(HaveSuffix(".1")), "the brokers have given it up")
		j.moves(ctx, j.written(ctx))
		// the third is on either node
		Eventually(func() [][]string { return table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs")) }).WithContext(ctx).WithPolling(time.Second).Should(
			HaveExactElements(Not(BeEmpty()), HaveExactElements(jobName, Or(Equal("Degraded"), Equal("Scaling")), "3", "3", Or(Equal("1"), Equal("2")), MatchRegexp(`^\d+$`), "AGE")))
		Expect(j.condition(ctx, v1alpha1.ConditionReady)).To(And(HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.ReasonWaitingForWorkers)))
		Eventually(on).WithContext(ctx).Should(HavePrefix(first+" "), "another pod of the name, on the node that is left")
		j.runs(ctx)
		Eventually(j.reasons).WithArguments(ctx).Should(ContainElement(v1alpha1.ReasonWorkerLost))
		Expect(j.epoch(ctx)).To(Equal(epoch), "the epoch stays")
		j.shares(ctx, 3)
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))).To(HaveExactElements(Not(BeEmpty()),
			HaveExactElements(jobName, "Running", "3", "3", "3", MatchRegexp(`^\d+$`), "AGE")))
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})
})

// members lists the workers that the brokers know, by their names in the group.
func (j *job) members(ctx context.Context, prefix string) ([]string, error) {
	groups, err := world.admin.DescribeGroups(ctx, prefix)
	var list []string
	for _, m := range groups[prefix].Members {
		if m.InstanceID != nil {
			list = append(list, *m.InstanceID)
		}
	}
	return list, err
}

// shell runs a command that the environment was given, as a person's hand at the machine.
func shell(ctx context.Context, command string) {
	GinkgoHelper()
	GinkgoWriter.Println("$", command)
	out, err := exec.CommandContext(ctx, "bash", "-c", command).CombinedOutput()
	GinkgoWriter.Print(string(out))
	Expect(err).NotTo(HaveOccurred(), string(out))
}
