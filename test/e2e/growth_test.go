//go:build e2e

package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a topic that grows under a running job", Label("grow"), func() {
	It("has its new partition read by the next epoch, which the operator begins", func(ctx SpecContext) {
		j := newJob(ctx, "growth")
		j.applyTopics(ctx)
		j.applyJob(ctx)
		j.runs(ctx)
		j.feed(ctx)
		epoch := j.epoch(ctx)
		kubectl(ctx, "-n", j.namespace, "patch", "streamtopic", "readings", "--type=merge", `--patch={"spec":{"partitions":5}}`)
		Eventually(j.epoch).WithArguments(ctx).Should(Equal(epoch + 1))
		j.runs(ctx)
		Expect(j.feeder.grow(ctx)).To(Succeed())
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		Expect(j.epoch(ctx)).To(Equal(epoch+1), "one epoch takes up what was added")
		j.noWorkerFailed(ctx)
	})
})
