//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/autoscale"
)

// Two jobs of the autoscaler at a time, since it takes minutes to be sure that fewer workers are enough: one whose load becomes five-fold and
// falls again, and beside it one that nothing is asked of.
//
// The load is small and the workers are slow: a regular expression that costs a millisecond a row, and a fifth of a core each. So the low pace takes
// two fifths of a worker and the high one two workers, which leaves room for machines of other speed: use is measured by the clock, and a machine that others
// share makes it look larger, but no worker can do more than its limit.
var _ = Describe("the autoscaler", Ordered, func() {
	const (
		low, high = 1, 5
	)
	var loaded, idle *job
	var risen v1alpha1.ScalingDecision

	BeforeAll(func(ctx SpecContext) {
		loaded, idle = newJob(ctx, "load"), newJob(ctx, "zero")
		loaded.applyTopics(ctx)
		loaded.applyEdited(ctx, "job.yaml", nil,
			"GROUP BY", "WHERE CHAR_LENGTH(COALESCE(REGEXP_EXTRACT(REPLACE(sensor, 's', '"+strings.Repeat("s", 50)+"'), '(s?){250}x'), 'none')) > 0\n    GROUP BY",
			"limits: {memory: 256Mi}", "limits: {memory: 256Mi, cpu: 200m}",
			"  maxParallelism: 4", "  maxParallelism: 4\n  autoscaling: {mode: Auto, maxWorkers: 3, targetUtilization: 90, lagObjective: 10s, catchUp: 0s, scaleDownDelay: 1m}")
		loaded.feeder.pace.Store(low)
		idle.applyTopics(ctx)
		idle.applyEdited(ctx, "versions.yaml", map[string]string{"LARGEST": "0", "SECONDS": "10", "SUSPEND": "false", "PROBATION": "5s", "ROLLBACK": "Carry"},
			"  maxParallelism: 4", "  maxParallelism: 4\n  autoscaling: {mode: Auto, scaleToZero: {after: 1m}}")
		loaded.has(ctx, 1)
		idle.has(ctx, 1)
		loaded.feed(ctx)
		idle.feed(ctx)
		Expect(idle.feeder.stop(ctx)).To(Succeed())
	})

	It("leaves a steady load alone, and gives a five-fold one more workers", Label("load"), func(ctx SpecContext) {
		Eventually(loaded.condition).WithArguments(ctx, v1alpha1.ConditionScalingActive).Should(And(
			HaveField("Status", metav1.ConditionTrue), HaveField("Reason", string(autoscale.MetricsComplete))), "enough is known to decide by")
		o, err := loaded.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.Autoscaling).To(And(HaveField("Workers", int32(1)), HaveField("Recommendation", int32(1)), HaveField("History", BeEmpty())))

		loaded.feeder.pace.Store(high)
		Eventually(loaded.lastDecision).WithArguments(ctx).Should(And(
			HaveField("From", int32(1)), HaveField("To", BeNumerically(">", 1)),
			HaveField("Reason", BeElementOf(string(autoscale.LagGrew), string(autoscale.LoadRose))), HaveField("Message", ContainSubstring("rows/s arrive"))))
		risen, err = loaded.lastDecision(ctx)
		Expect(err).NotTo(HaveOccurred())
		loaded.has(ctx, risen.To)
		loaded.shares(ctx, int(risen.To))
		loaded.desired(ctx, risen.To)
		Eventually(loaded.reasons).WithArguments(ctx).Should(ContainElement(risen.Reason), "the decision is an event, too")
		o, err = loaded.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Spec.Parallelism).To(Equal(int32(1)), "the spec is its user's")

		loaded.feeder.pace.Store(low)
		Eventually(loaded.lag).WithArguments(ctx).Should(BeNumerically("<", inputPartitions*high*20), "less than a second of the load waits")
	})

	It("takes a job to zero of which nothing is asked, and a record brings it back", Label("zero"), func(ctx SpecContext) {
		var rests v1alpha1.StreamJobStatus
		Eventually(func(ctx context.Context) (v1alpha1.StreamJobStatus, error) {
			o, err := idle.get(ctx)
			rests = o.Status
			return o.Status, err
		}).WithContext(ctx).WithTimeout(3 * time.Minute).Should(And(
			HaveField("Phase", v1alpha1.PhaseSuspended), HaveField("Suspended", Not(BeNil())), HaveField("Parallelism", v1alpha1.ParallelismStatus{})))
		Expect(rests.Autoscaling.Zero).NotTo(BeNil())
		Expect(rests.Conditions).To(And(
			ContainElement(And(HaveField("Type", v1alpha1.ConditionSuspended), HaveField("Status", metav1.ConditionTrue), HaveField("Reason", v1alpha1.ReasonScaledToZero))),
			Not(ContainElement(HaveField("Type", v1alpha1.ConditionReady))), Not(ContainElement(HaveField("Type", v1alpha1.ConditionStalled))), Not(ContainElement(HaveField("Type", v1alpha1.ConditionReconciling)))))
		decided, err := idle.lastDecision(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(decided).To(And(HaveField("From", int32(1)), HaveField("To", int32(0)), HaveField("Reason", string(autoscale.NoInput))))
		Eventually(idle.pods).WithArguments(ctx).Should(BeEmpty())
		Expect(table(kubectl(ctx, "-n", idle.namespace, "get", "streamjobs"))).To(HaveExactElements(Not(BeEmpty()), HaveExactElements(jobName, "Suspended", "1", "0", "0", "0", "AGE")))
		Expect(rests.Suspended.Savepoint).NotTo(BeEmpty())
		Expect(table(kubectl(ctx, "-n", idle.namespace, "get", "streamsavepoints"))).To(HaveExactElements(
			Not(BeEmpty()), ContainElements(jobName, "Completed", "Suspension", "SavepointCompleted")))

		Expect(idle.feeder.one(ctx)).To(Succeed())
		Eventually(idle.lastDecision).WithArguments(ctx).Should(And(
			HaveField("From", int32(0)), HaveField("To", int32(1)), HaveField("Reason", string(autoscale.InputArrived)), HaveField("Message", "1 records wait")))
		idle.has(ctx, 1)
		o, err := idle.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.Epoch).To(Equal(rests.Epoch + 1))
		Expect(o.Status.Runtime.RestoreFrom).To(Equal(rests.Suspended.Savepoint), "it goes on from where it stopped")
		Expect(o.Status.Autoscaling.Zero).To(BeNil())
		Expect(meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionSuspended)).To(BeNil())
		Eventually(idle.reasons).WithArguments(ctx).Should(ContainElements(string(autoscale.NoInput), v1alpha1.ReasonScaledToZero, string(autoscale.InputArrived)))
		idle.desired(ctx, 1)
		idle.feed(ctx)
		idle.check(ctx)
		idle.noWorkerFailed(ctx)
	})

	It("takes workers away again when the load has fallen", Label("load"), func(ctx SpecContext) {
		fewer := (risen.To + 1) / 2
		Eventually(loaded.lastDecision).WithArguments(ctx).WithTimeout(4 * time.Minute).Should(And(
			HaveField("From", risen.To), HaveField("To", fewer),
			HaveField("Reason", string(autoscale.LoadFell)), HaveField("Message", ContainSubstring("were enough for 1m0s"))))
		loaded.has(ctx, fewer)
		loaded.shares(ctx, int(fewer))
		loaded.desired(ctx, fewer)
		Eventually(loaded.reasons).WithArguments(ctx).Should(ContainElement(string(autoscale.LoadFell)))
		o, err := loaded.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.Autoscaling.History).To(HaveLen(2), "one rise and one fall: nothing swings")
		loaded.moves(ctx, loaded.written(ctx))
		loaded.check(ctx)
		loaded.noWorkerFailed(ctx)
	})
})

// applyEdited applies a manifest with more names filled in, and parts of it replaced, given in pairs.
func (j *job) applyEdited(ctx context.Context, file string, more map[string]string, pairs ...string) {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("manifests", file))
	Expect(err).NotTo(HaveOccurred())
	for i := 0; i < len(pairs); i += 2 {
		Expect(string(text)).To(ContainSubstring(pairs[i]))
	}
	names := j.names()
	maps.Copy(names, more)
	applyText(ctx, j.namespace, fill(strings.NewReplacer(pairs...).Replace(string(text)), names), file+", edited")
}

// has waits until a number of workers run, and no other ones, whatever spec.parallelism says.
func (j *job) has(ctx context.Context, workers int32) {
	GinkgoHelper()
	Eventually(func(ctx context.Context) error {
		o, err := j.get(ctx)
		if err != nil {
			return err
		}
		s := o.Status
		ready := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady)
		if all := (v1alpha1.ParallelismStatus{Current: workers, Ready: workers, Desired: workers}); s.Phase != v1alpha1.PhaseRunning || s.Parallelism != all ||
			ready == nil || ready.Status != metav1.ConditionTrue {
			return fmt.Errorf("phase %s, %+v: %s", s.Phase, s.Parallelism, said(ready))
		}
		return nil
	}).WithContext(ctx).Should(Succeed())
}

// desired asserts what a person sees of the number of workers.
func (j *job) desired(ctx context.Context, workers int32) {
	GinkgoHelper()
	n := strconv.Itoa(int(workers))
	Expect(table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))).To(HaveExactElements(
		HaveExactElements("NAME", "PHASE", "PARALLELISM", "DESIRED", "READY", "LAG", "AGE"),
		HaveExactElements(jobName, "Running", "1", n, n, MatchRegexp("^[0-9]+$"), "AGE")))
}

// condition reads one of the job's conditions; nil where it has none of that type.
func (j *job) condition(ctx context.Context, name string) (*metav1.Condition, error) {
	o, err := j.get(ctx)
	return meta.FindStatusCondition(o.Status.Conditions, name), err
}

// lastDecision returns the autoscaler's newest decision, the zero one where there is none.
func (j *job) lastDecision(ctx context.Context) (v1alpha1.ScalingDecision, error) {
	o, err := j.get(ctx)
	if err != nil || o.Status.Autoscaling == nil || len(o.Status.Autoscaling.History) == 0 {
		return v1alpha1.ScalingDecision{}, client.IgnoreNotFound(err)
	}
	history := o.Status.Autoscaling.History
	return history[len(history)-1], nil
}

// lag counts the readings that the job has not committed.
func (j *job) lag(ctx context.Context) (int64, error) {
	o, err := j.get(ctx)
	if err != nil {
		return 0, err
	}
	lags, err := world.admin.Lag(ctx, o.Status.Prefix)
	if err != nil {
		return 0, err
	}
	sum := int64(0)
	for _, p := range lags[o.Status.Prefix].Lag[j.input()] {
		sum += max(0, p.Lag)
	}
	of := lags[o.Status.Prefix]
	return sum, of.Error()
}
