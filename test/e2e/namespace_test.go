//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Both at a time: what can't be cleaned up is given a minute.
var _ = Describe("a namespace that is deleted", Label("namespace"), func() {
	It("takes its jobs, topics and savepoints along, and ends also where its brokers are away", func(ctx SpecContext) {
		cut := newJob(ctx, "ns-cut")
		cut.applyTopics(ctx)
		cut.applyJob(ctx)
		j := newJob(ctx, "ns")
		j.applyTopics(ctx)
		j.applyVersion(ctx, version{largest: "0", seconds: 10})
		for _, one := range []*job{cut, j} {
			one.runs(ctx)
			one.feed(ctx)
			Expect(one.feeder.stop(ctx)).To(Succeed())
		}

		left, err := cut.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		cut.applySavepoint(ctx, "pending", "Delete") // the job has no place for any
		Eventually(cut.savepoint).WithArguments(ctx, "pending").Should(And(HaveField("Status.Phase", v1alpha1.SavepointPending),
			HaveField("Status.Conditions", ContainElement(And(HaveField("Type", v1alpha1.ConditionStalled), HaveField("Reason", v1alpha1.ReasonSavepointsMissing))))))
		kubectl(ctx, "-n", cut.namespace, "patch", "kafkaconnection", "default", "--type=merge", `--patch={"spec":{"bootstrapServers":["192.0.2.1:9092"]}}`)
		Eventually(cut.condition).WithArguments(ctx, v1alpha1.ConditionTopicsReady).Should(And(
			HaveField("Status", metav1.ConditionFalse), HaveField("Reason", v1alpha1.ReasonBrokersUnreachable)))
		kubectl(ctx, "delete", "namespace", cut.namespace, "--wait=false")
		began := time.Now()

		for name, policy := range map[string]string{"kept": "Retain", "dropped": "Delete"} {
			j.applySavepoint(ctx, name, policy)
		}
		for _, name := range []string{"kept", "dropped"} {
			Eventually(j.savepoint).WithArguments(ctx, name).Should(HaveField("Status.Phase", v1alpha1.SavepointCompleted))
		}
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(j.onKafka(ctx, o.Status.Prefix)).NotTo(BeEmpty())
		kubectl(ctx, "delete", "namespace", j.namespace, "--timeout=60s")
		Expect(j.onKafka(ctx, o.Status.Prefix)).To(BeEmpty(), "internal topics and group")
		topics, err := world.admin.ListTopics(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(topics.Names()).NotTo(ContainElements(j.input()), "a topic whose deletionPolicy is Delete")
		Expect(topics.Names()).NotTo(ContainElements(j.output()))

		Eventually(func(ctx context.Context) bool {
			_, err := cut.get(ctx)
			return apierrors.IsNotFound(err)
		}).WithContext(ctx).WithTimeout(2*time.Minute).Should(BeTrue(), "the namespace does not wait for ever")
		kubectl(ctx, "wait", "--for=delete", "namespace/"+cut.namespace, "--timeout=60s")
		Expect(time.Since(began)).To(BeNumerically(">", 50*time.Second), "it was tried for a minute")
		Expect(cut.onKafka(ctx, left.Status.Prefix)).NotTo(BeEmpty(), "nobody reached the broker: its topics are as they were")
		topics, err = world.admin.ListTopics(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(topics.Names()).To(ContainElements(cut.input(), cut.output()))
	})
})

// applySavepoint asks for a savepoint of the job by a StreamSavepoint.
func (j *job) applySavepoint(ctx context.Context, name, policy string) {
	GinkgoHelper()
	applyText(ctx, j.namespace, fmt.Sprintf("apiVersion: millrace.dev/v1alpha1\nkind: StreamSavepoint\nmetadata: {name: %s}\nspec: {jobRef: {name: %s}, deletionPolicy: %s, deadline: 2m}\n",
		name, jobName, policy), "savepoint "+name)
}
