//go:build e2e

package e2e

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/millrace/millrace/api/v1alpha1"
)

// What the operator was doing is in the status; whoever comes after it goes on.
var _ = Describe("the operator is killed", Ordered, Label("operator"), func() {
	var j *job

	BeforeAll(func(ctx SpecContext) {
		j = newJob(ctx, "killed")
		j.applyTopics(ctx)
	})

	// phase waits until the job is in a phase, looking often: some last less than a second.
	phase := func(ctx context.Context, phases ...v1alpha1.JobPhase) {
		GinkgoHelper()
		Eventually(func(ctx context.Context) (v1alpha1.JobPhase, error) {
			o, err := j.get(ctx)
			return o.Status.Phase, err
		}).WithContext(ctx).WithPolling(beat).Should(BeElementOf(phases))
	}

	It("while it deploys a job", func(ctx SpecContext) {
		j.applyJob(ctx)
		phase(ctx, v1alpha1.PhaseFencing, v1alpha1.PhaseDeploying)
		killOperator(ctx)
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(Equal(int64(1)))
		j.feed(ctx)
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("while it scales a job", func(ctx SpecContext) {
		j.feed(ctx)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=2")
		phase(ctx, v1alpha1.PhaseScaling)
		killOperator(ctx)
		before := j.written(ctx)
		j.moves(ctx, before) // workers need no operator
		j.runs(ctx)
		j.shares(ctx, 2)
		kubectl(ctx, "-n", j.namespace, "scale", "streamjob/"+jobName, "--replicas=1")
		phase(ctx, v1alpha1.PhaseScaling)
		killOperator(ctx)
		j.runs(ctx)
		j.shares(ctx, 1)
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("while it deletes a job", func(ctx SpecContext) {
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		kubectl(ctx, "-n", j.namespace, "delete", "streamjob", jobName, "--wait=false")
		phase(ctx, v1alpha1.PhaseDeleting)
		killOperator(ctx)
		Eventually(func(ctx context.Context) bool {
			_, err := j.get(ctx)
			return apierrors.IsNotFound(err)
		}).WithContext(ctx).Should(BeTrue(), "the job is gone")
		j.gone(ctx, o.Status.Prefix)
	})
})
