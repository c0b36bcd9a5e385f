//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

var _ = Describe("a column dropped under a running job", Label("dropped"), func() {
	It("is refused with the job's name; past the webhook the job goes on and says so, until the column is back", func(ctx SpecContext) {
		const drop = `--patch=[{"op":"remove","path":"/spec/schema/columns/1"}]`
		j := newJob(ctx, "dropped")
		j.applyTopics(ctx)
		j.applyJob(ctx)
		j.runs(ctx)
		j.feed(ctx)
		epoch, pods := j.epoch(ctx), j.pods(ctx)

		Eventually(func(ctx context.Context) (string, error) { // until the webhook's certificate is there everything is taken
			out, err := tryKubectl(ctx, "", "-n", j.namespace, "patch", "streamtopic", "readings", "--type=json", "--dry-run=server", drop)
			if err == nil {
				return "", fmt.Errorf("it was taken: %s", out)
			}
			return out, nil
		}).WithContext(ctx).Should(And(ContainSubstring("is invalid: spec.schema"), ContainSubstring("StreamJob "+jobName+" names this table and would not compile"),
			ContainSubstring("unknown column reading")))

		kubectl(ctx, "-n", j.namespace, "label", "streamtopic", "readings", v1alpha1.LabelAdmission+"="+v1alpha1.AdmissionSkip)
		kubectl(ctx, "-n", j.namespace, "patch", "streamtopic", "readings", "--type=json", drop)
		says := And(HaveField("Reason", v1alpha1.ReasonInvalidQuery), HaveField("Message", And(
			HavePrefix("epoch %d goes on with its query: ", epoch), ContainSubstring("unknown column reading"))))
		Eventually(j.condition).WithArguments(ctx, v1alpha1.ConditionPlanAccepted).Should(And(HaveField("Status", metav1.ConditionFalse), says))
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.Phase).To(Equal(v1alpha1.PhaseRunning))
		Expect(o.Status.Conditions).To(And(
			ContainElement(And(HaveField("Type", v1alpha1.ConditionStalled), HaveField("Status", metav1.ConditionTrue), says)),
			ContainElement(And(HaveField("Type", v1alpha1.ConditionReady), HaveField("Status", metav1.ConditionFalse), says)),
			ContainElement(And(HaveField("Type", v1alpha1.ConditionJobRunning), HaveField("Status", metav1.ConditionTrue))),
			Not(ContainElement(HaveField("Type", v1alpha1.ConditionReconciling)))))
		Eventually(j.reasons).WithArguments(ctx).Should(ContainElement(v1alpha1.ReasonInvalidQuery), "events")
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs", "-o", "wide"))).To(HaveExactElements(
			Not(BeEmpty()), ContainElements(jobName, "Running", v1alpha1.ReasonInvalidQuery, v1alpha1.ReasonInvalidQuery)))
		Expect(j.pods(ctx)).To(Equal(pods), "the same pods run")
		j.moves(ctx, j.written(ctx))

		// the plan is what runs, whoever runs it: also a process that begins now
		kill9(ctx, j.namespace, fmt.Sprintf("%s-%d-0", jobName, epoch))
		Eventually(j.restarts).WithArguments(ctx).Should(HaveEach(BeNumerically("==", 1)))
		j.moves(ctx, j.written(ctx))

		j.applyTopics(ctx)
		j.runs(ctx)
		o, err = j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionStalled)).To(BeNil())
		Expect(meta.IsStatusConditionTrue(o.Status.Conditions, v1alpha1.ConditionPlanAccepted)).To(BeTrue())
		Expect(j.pods(ctx)).To(Equal(pods), "the same pods run")
		Consistently(j.epoch).WithArguments(ctx).WithTimeout(2*time.Second).Should(Equal(epoch), "taking it back starts nothing")
		j.check(ctx)
	})
})
