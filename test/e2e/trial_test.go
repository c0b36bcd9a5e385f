//go:build e2e

package e2e

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// A job whose versions are tried before they take over.
var _ = Describe("a version's trial", Ordered, Label("trial"), func() {
	var j *job
	now := version{largest: "0", seconds: 10}

	BeforeAll(func(ctx SpecContext) {
		j = newJob(ctx, "trial")
		j.applyTopics(ctx)
		j.applyVersion(ctx, now)
		kubectl(ctx, "-n", j.namespace, "patch", "streamjob", jobName, "--type=merge", `--patch={"spec":{"upgrade":{"trial":{"rows":500,"timeout":"90s"}}}}`)
		j.runs(ctx)
	})

	It("refuses a version whose rows fail, and the job has never stopped", func(ctx SpecContext) {
		j.feed(ctx)
		before, pods := j.epoch(ctx), j.pods(ctx)
		j.applyVersion(ctx, version{largest: "MAX(reading / (reading - reading))", seconds: now.seconds})
		Eventually(j.row).WithContext(ctx).Should(ContainElements(jobName, "Trial", "Trial"), "kubectl get")
		Eventually(func() string { return millrace(ctx, "-n", j.namespace, "status", jobName) }).WithContext(ctx).Should(MatchRegexp(`Trial:\s+\w+ of epoch %d`, before+1))
		Eventually(j.row).WithContext(ctx).WithTimeout(2*time.Minute).Should(ContainElements(jobName, "Running", v1alpha1.ReasonTrialFailed), "kubectl get")
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		s := o.Status
		words := And(ContainSubstring("the new version has failed in its trial"), ContainSubstring("division by zero"))
		for _, name := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionReady, v1alpha1.ConditionPlanAccepted} {
			Expect(s.Conditions).To(ContainElement(And(HaveField("Type", name), HaveField("Reason", v1alpha1.ReasonTrialFailed), HaveField("Message", words))), name)
		}
		Expect(s.Conditions).To(ContainElement(And(HaveField("Type", v1alpha1.ConditionJobRunning), HaveField("Status", metav1.ConditionTrue))))
		Expect(s.Epoch).To(Equal(before))
		Expect(j.pods(ctx)).To(Equal(pods), "the same pods run")
		Expect(millrace(ctx, "-n", j.namespace, "history", jobName)).To(ContainSubstring(v1alpha1.ReasonTrialFailed))
		Eventually(j.reasons).WithContext(ctx).Should(ContainElements(v1alpha1.ReasonTrial, v1alpha1.ReasonTrialFailed), "events")
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
		j.leftNothing(ctx)
	})

	It("is over once the query is set back, and restarts nothing", func(ctx SpecContext) {
		pods := j.pods(ctx)
		j.applyVersion(ctx, now)
		j.runs(ctx)
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.LastFailure).To(BeNil())
		Expect(j.pods(ctx)).To(Equal(pods), "the same pods run")
	})

	It("lets a version take over that has passed, and every row counts once", func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		now.largest = "MAX(reading)"
		j.applyVersion(ctx, now)
		Eventually(j.row).WithContext(ctx).Should(ContainElements(jobName, "Trial", "Trial"), "kubectl get")
		written := j.written(ctx)
		j.moves(ctx, written) // while it is tried
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(Equal(epoch + 1))
		Eventually(j.reasons).WithContext(ctx).Should(ContainElement(v1alpha1.ReasonTrialPassed), "events")
		Eventually(j.largest).WithContext(ctx).Should(BeNumerically(">", 0), "the new query writes")
		j.check(ctx)
		j.noWorkerFailed(ctx)
		j.leftNothing(ctx)
	})
})

// row is the job's line of kubectl get.
func (j *job) row(ctx context.Context) []string {
	GinkgoHelper()
	rows := table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs", "-o", "wide"))
	return rows[len(rows)-1]
}

// leftNothing looks for what trials have left.
func (j *job) leftNothing(ctx context.Context) {
	GinkgoHelper()
	Eventually(func(ctx context.Context) (string, error) {
		return tryKubectl(ctx, "", "-n", j.namespace, "get", "jobs.batch,configmaps,pods,streamsavepoints", "-o", "name")
	}).WithContext(ctx).ShouldNot(ContainSubstring("trial"))
	o, err := j.get(ctx)
	Expect(err).NotTo(HaveOccurred())
	Eventually(func(ctx context.Context) string { return strings.Join(j.onKafka(ctx, o.Status.Prefix), " ") }).WithContext(ctx).ShouldNot(ContainSubstring(".trial-"))
	groups, err := world.admin.ListGroups(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(groups.Groups()).NotTo(ContainElement(ContainSubstring(".trial-")))
}
