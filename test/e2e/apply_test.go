//go:build e2e

package e2e

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
)

var _ = Describe("kubectl apply", Label("apply"), func() {
	It("runs a job that was there before its topics and its connection", func(ctx SpecContext) {
		j := newJob(ctx, "apply")
		j.applyJob(ctx)
		Eventually(func(ctx context.Context) error {
			o, err := j.get(ctx)
			if err != nil {
				return err
			}
			if c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReady); o.Status.Phase != v1alpha1.PhasePending || c == nil || c.Message == "" {
				return fmt.Errorf("phase %s, %s", o.Status.Phase, said(c))
			}
			return nil
		}).WithContext(ctx).Should(Succeed(), "the job waits and says for what")
		j.applyTopics(ctx)
		j.runs(ctx)
		j.feed(ctx)
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})
})
