//go:build e2e

package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/twmb/franz-go/pkg/kgo"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/test/e2e/rows"
)

var _ = Describe("a batch job", Label("batch"), func() {
	It("reads what there was when it began, each row once, and completes though a worker is killed on its way", func(ctx SpecContext) {
		j := newJob(ctx, "batch")
		j.applyTopics(ctx)
		kubectl(ctx, "-n", j.namespace, "wait", "--for=condition=Ready", "streamtopics", "--all", "--timeout=60s")
		j.feeder.start()
		time.Sleep(5 * time.Second)
		Expect(j.feeder.stop(ctx)).To(Succeed())
		applyText(ctx, j.namespace, j.edited("spec:\n", "spec:\n  mode: Batch\n  parallelism: 2\n"), "job.yaml, as a batch")
		var job *v1alpha1.StreamJob
		Eventually(func(ctx context.Context) (n int, err error) {
			job, err = j.get(ctx)
			return len(job.Status.Range), err
		}).WithContext(ctx).Should(Equal(1))
		j.feeder.start() // behind the range
		Eventually(func(ctx context.Context) (int, error) {
			pods, err := j.workers(ctx)
			return len(pods), err
		}).WithContext(ctx).Should(Equal(2))
		pods, err := j.workers(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(world.cluster.Delete(ctx, &pods[0], client.GracePeriodSeconds(0))).To(Succeed())
		kubectl(ctx, "-n", j.namespace, "wait", "--for=condition=Complete", "streamjob/"+jobName, "--timeout=120s")
		kubectl(ctx, "-n", j.namespace, "wait", "--for=condition=Ready", "streamjob/"+jobName, "--timeout=10s")
		Expect(j.feeder.stop(ctx)).To(Succeed())
		j.holdsRange(ctx, job.Status.Range[0].To)

		job, err = j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(job.Status.Phase).To(Equal(v1alpha1.PhaseCompleted))
		Eventually(func(ctx context.Context) (int, error) {
			pods, err := j.workers(ctx)
			return len(pods), err
		}).WithContext(ctx).Should(BeZero(), "workers are gone")
		topics, err := world.admin.ListTopics(ctx)
		Expect(err).NotTo(HaveOccurred())
		for _, name := range topics.Names() {
			Expect(name).NotTo(HavePrefix(job.Status.Prefix+"."), "an internal topic is left")
		}
	})
})

// holdsRange says whether the output is that of the input up to these offsets: each window once, also those that no later row has closed.
func (j *job) holdsRange(ctx context.Context, to []int64) {
	GinkgoHelper()
	partitions, left := make([][]rows.Reading, len(to)), int64(0)
	for _, end := range to {
		left += end
	}
	Expect(left).To(BeNumerically(">", 0), "the range holds something")
	read := func(topic string, visit func(r *kgo.Record), over func() bool) {
		cl, err := kgo.NewClient(kgo.SeedBrokers(world.brokers), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		Expect(err).NotTo(HaveOccurred())
		defer cl.Close()
		for begun := time.Now(); !over() && time.Since(begun) < 30*time.Second; {
			poll, cancel := context.WithTimeout(ctx, time.Second)
			cl.PollFetches(poll).EachRecord(visit)
			cancel()
		}
	}
	read(j.input(), func(r *kgo.Record) {
		if r.Offset < to[r.Partition] {
			reading, err := rows.DecodeReading(r.Value)
			Expect(err).NotTo(HaveOccurred())
			partitions[r.Partition] = append(partitions[r.Partition], reading)
			left--
		}
	}, func() bool { return left == 0 })
	want := rows.Expect(partitions)
	counted, got, ended := int64(0), map[rows.Group]rows.Sum{}, time.Now().Add(5*time.Second)
	read(j.output(), func(r *kgo.Record) {
		g, s, err := rows.DecodeTotal(r.Value)
		Expect(err).NotTo(HaveOccurred())
		Expect(got).NotTo(HaveKey(g), "a window came twice")
		got[g] = s
		counted += s.Readings
	}, func() bool { return time.Now().After(ended) })
	Expect(counted).To(BeEquivalentTo(want.Rows-want.Late), "readings that were counted")
	for g, s := range want.Sums {
		Expect(got).To(HaveKeyWithValue(g, s))
	}
}
