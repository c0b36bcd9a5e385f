//go:build e2e

package e2e

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// A worker that stands still holds a savepoint open for as long as the brokers wait for it, ten seconds: what happens then happens in the middle.
var _ = Describe("worker and operator are killed", Ordered, Label("interrupted"), func() {
	var j *job
	now := version{largest: "0", seconds: 10}

	BeforeAll(func(ctx SpecContext) {
		j = newJob(ctx, "interrupted")
		j.applyTopics(ctx)
		j.applyVersion(ctx, now)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=2")
		j.runs(ctx)
	})

	// pod names a worker of the epoch that runs.
	pod := func(ctx context.Context, n int) string {
		GinkgoHelper()
		return fmt.Sprintf("%s-%d-%d", jobName, j.epoch(ctx), n)
	}
	// phase waits until the job is in a phase, looking often: some last less than a second.
	phase := func(ctx context.Context, phases ...v1alpha1.JobPhase) {
		GinkgoHelper()
		Eventually(func(ctx context.Context) (v1alpha1.JobPhase, error) {
			o, err := j.get(ctx)
			return o.Status.Phase, err
		}).WithContext(ctx).WithPolling(beat).Should(BeElementOf(phases))
	}
	// amidst kills a worker and the operator while the job stops at a savepoint.
	amidst := func(ctx context.Context, begin func()) {
		GinkgoHelper()
		worker := pod(ctx, 1)
		kill9(ctx, j.namespace, worker, "stop")
		begin()
		phase(ctx, v1alpha1.PhaseSavepointing)
		reconciling, err := j.condition(ctx, v1alpha1.ConditionReconciling)
		Expect(err).NotTo(HaveOccurred())
		Expect(reconciling).To(HaveField("Reason", v1alpha1.ReasonSavepointing))
		kill9(ctx, j.namespace, worker)
		killOperator(ctx)
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.Attempt).To(HaveField("Phase", v1alpha1.PhaseSavepointing), "both were killed in the middle")
	}

	It("in the middle of an upgrade by a savepoint, and the operator once more while it deploys", func(ctx SpecContext) {
		j.feed(ctx)
		before, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		now.largest = "MAX(reading)"
		amidst(ctx, func() { j.applyVersion(ctx, now) })
		phase(ctx, v1alpha1.PhaseFencing, v1alpha1.PhaseDeploying)
		killOperator(ctx)
		Eventually(j.epoch).WithArguments(ctx).Should(Equal(before.Status.Epoch + 1))
		j.runs(ctx)
		after, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		s := after.Status
		Expect(s.Epoch).To(Equal(before.Status.Epoch+1), "one epoch, though three began it")
		Expect(s.Runtime).To(And(HaveField("RestoreFrom", s.LastSavepoint.ID), HaveField("RestoreExactly", true)))
		Expect(meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionPlanAccepted)).To(BeTrue())
		Expect(meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionStalled)).To(BeNil())
		Eventually(j.reasons).WithArguments(ctx).Should(ContainElements(v1alpha1.ReasonSavepointing, v1alpha1.ReasonReady))
		j.moves(ctx, j.written(ctx))
		Eventually(j.largest).WithContext(ctx).Should(BeNumerically(">", 0), "the new query writes")
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("in the middle of a stop, and the job rests at its savepoint and goes on from it", func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		suspend := func(yes bool) {
			kubectl(ctx, "-n", j.namespace, "patch", "streamjob", jobName, "--type=merge", fmt.Sprintf(`--patch={"spec":{"suspend":%t}}`, yes))
		}
		amidst(ctx, func() { suspend(true) })
		phase(ctx, v1alpha1.PhaseSuspended)
		rests, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(rests.Status.Suspended).To(HaveField("Savepoint", rests.Status.LastSavepoint.ID))
		Expect(rests.Status.Conditions).To(ContainElement(And(
			HaveField("Type", v1alpha1.ConditionSuspended), HaveField("Status", metav1.ConditionTrue), HaveField("Reason", v1alpha1.ReasonSuspended))))
		Eventually(j.pods).WithArguments(ctx).Should(BeEmpty())
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))).To(HaveExactElements(Not(BeEmpty()), ContainElements(jobName, "Suspended", "0")))
		suspend(false)
		phase(ctx, v1alpha1.PhaseFencing, v1alpha1.PhaseDeploying)
		killOperator(ctx)
		Eventually(j.epoch).WithArguments(ctx).Should(Equal(epoch + 1))
		j.runs(ctx)
		after, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(after.Status.Runtime.RestoreFrom).To(Equal(rests.Status.Suspended.Savepoint))
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("in the middle of a rise from two workers to three", func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=3")
		phase(ctx, v1alpha1.PhaseScaling)
		killOperator(ctx)
		kill9(ctx, j.namespace, pod(ctx, 0))
		Eventually(j.restarts).WithArguments(ctx).Should(HaveKeyWithValue(pod(ctx, 0), int32(1)))
		j.runs(ctx)
		j.shares(ctx, 3)
		Expect(j.epoch(ctx)).To(Equal(epoch), "the epoch stays")
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))).To(HaveExactElements(Not(BeEmpty()),
			HaveExactElements(jobName, "Running", "3", "3", "3", MatchRegexp(`^\d+$`), "AGE")))
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
	})
})
