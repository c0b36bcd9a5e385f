//go:build e2e

package e2e

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// crashes is an expression of a query that can't process what the one before can.
const crashes = "MAX(reading / (CASE WHEN sensor = 'poison' THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END))"

// A version that works for some seconds, and crashes at a row that comes then. What becomes of the job is spec.upgrade.rollback.
var _ = Describe("a version on probation", Label("probation"), func() {
	fails := func(ctx context.Context, name string, rollback v1alpha1.RollbackPolicy) *job {
		GinkgoHelper()
		j := newJob(ctx, name)
		j.applyTopics(ctx)
		first := version{largest: "0", seconds: 10, probation: "2m", rollback: string(rollback)}
		j.applyVersion(ctx, first)
		j.runs(ctx)
		j.feed(ctx)
		epoch := j.epoch(ctx)
		first.largest = crashes
		j.applyVersion(ctx, first)
		Eventually(j.status).WithContext(ctx).Should(And(HaveField("Epoch", epoch+1), HaveField("Probation.CommittedAt", Not(BeNil())), HaveField("Probation.Until", Not(BeNil()))))
		j.runs(ctx)
		j.moves(ctx, j.written(ctx))
		Expect(millrace(ctx, "-n", j.namespace, "status", jobName)).To(MatchRegexp(`Probation: +until .*, or else back to the plan of epoch %d`, epoch))
		j.feeder.poison.Store(true)
		return j
	}
	rolledBack := And(
		ContainElement(And(HaveField("Type", v1alpha1.ConditionStalled), HaveField("Reason", v1alpha1.ReasonRolledBack), HaveField("Message", ContainSubstring("division by zero")))),
		ContainElement(And(HaveField("Type", v1alpha1.ConditionReady), HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.ReasonRolledBack))),
		ContainElement(And(HaveField("Type", v1alpha1.ConditionJobRunning), HaveField("Status", metav1.ConditionTrue))))

	It("is carried back, and every row counts once", func(ctx SpecContext) {
		j := fails(ctx, "carry", v1alpha1.RollbackCarry)
		Eventually(j.status).WithContext(ctx).Should(And(HaveField("Epoch", BeEquivalentTo(3)), HaveField("Phase", v1alpha1.PhaseRunning), HaveField("Attempt", BeNil()), HaveField("Conditions", rolledBack)))
		s, err := j.status(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Runtime.RestoreFrom).To(Equal(s.LastSavepoint.ID))
		Expect(s.LastSavepoint.Epoch).To(BeEquivalentTo(2), "it is of the version that failed")
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))).To(HaveExactElements(Not(BeEmpty()), ContainElements(jobName, "Running")))
		Expect(j.reasons(ctx)).To(ContainElements(v1alpha1.ReasonWorkerCrashes, v1alpha1.ReasonSavepointing, v1alpha1.ReasonRolledBack))
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.applyVersion(ctx, version{largest: "0", seconds: 10, probation: "2m"})
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(BeEquivalentTo(3), "to take the change back restarts nothing")
	})

	It("is held, goes on where it stopped once the query is set back, and every row counts once", func(ctx SpecContext) {
		j := fails(ctx, "hold", v1alpha1.RollbackHold)
		Eventually(j.status).WithContext(ctx).Should(And(HaveField("Phase", v1alpha1.PhaseHeld), HaveField("Held", Not(BeNil())), HaveField("Parallelism", v1alpha1.ParallelismStatus{})))
		s, err := j.status(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Conditions).To(And(
			ContainElement(And(HaveField("Type", v1alpha1.ConditionStalled), HaveField("Reason", v1alpha1.ReasonHeld), HaveField("Message", ContainSubstring("Set spec.sql back")))),
			ContainElement(And(HaveField("Type", v1alpha1.ConditionReady), HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.ReasonHeld)))))
		Eventually(j.pods).WithContext(ctx).Should(BeEmpty())
		Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))).To(HaveExactElements(Not(BeEmpty()), ContainElements(jobName, "Held")))
		Expect(j.reasons(ctx)).To(ContainElement(v1alpha1.ReasonHeld))
		j.applyVersion(ctx, version{largest: "0", seconds: 10, probation: "2m", rollback: string(v1alpha1.RollbackHold)})
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(BeEquivalentTo(3))
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
	})

	It("goes back to the savepoint of before, and says what is written again", func(ctx SpecContext) {
		j := fails(ctx, "replay", v1alpha1.RollbackReplay)
		Eventually(j.status).WithContext(ctx).Should(And(HaveField("Epoch", BeEquivalentTo(3)), HaveField("Phase", v1alpha1.PhaseRunning), HaveField("Conditions", rolledBack)))
		s, err := j.status(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.LastFailure.Message).To(MatchRegexp("records that were read since are read again|what was read since is read again"))
		Expect(s.Runtime).To(And(HaveField("RestoreFrom", s.LastSavepoint.ID), HaveField("RestoreExactly", false)))
		Expect(s.LastSavepoint.Epoch).To(BeEquivalentTo(1), "it is of the version before")
		Expect(j.reasons(ctx)).To(ContainElement(v1alpha1.ReasonReplayed))
		written := j.written(ctx)
		j.moves(ctx, written)
		Expect(j.feeder.stop(ctx)).To(Succeed())
	})
})

// status reads the job's.
func (j *job) status(ctx context.Context) (v1alpha1.StreamJobStatus, error) {
	o, err := j.get(ctx)
	if err != nil {
		return v1alpha1.StreamJobStatus{}, fmt.Errorf("read the job: %w", err)
	}
	return o.Status, nil
}
