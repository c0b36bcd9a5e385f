//go:build e2e

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/twmb/franz-go/pkg/kgo"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// One job, whose state goes from version to version by savepoints: the checker looks at all that came out over every seam.
var _ = Describe("a job's versions", Ordered, Label("versions"), func() {
	var j *job
	now := version{largest: "0", seconds: 10}

	BeforeAll(func(ctx SpecContext) {
		j = newJob(ctx, "versions")
		j.applyTopics(ctx)
		j.applyVersion(ctx, now)
		j.runs(ctx)
	})

	It("goes to a query with other state by a savepoint, and every row counts once", func(ctx SpecContext) {
		j.feed(ctx)
		before, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		former := fmt.Sprintf("%s.%d", before.Status.Prefix, before.Status.StateEpoch)
		Expect(j.onKafka(ctx, former)).NotTo(BeEmpty())
		now.largest = "MAX(reading)"
		Eventually(func(ctx context.Context) (string, error) { // until the webhook's certificate is there nobody is asked
			return tryKubectl(ctx, j.manifest(now), "apply", "--dry-run=server", "-n", j.namespace, "-f", "-")
		}).WithContext(ctx).Should(ContainSubstring("Warning: spec.sql: the job stops at a savepoint and goes on from it"))
		j.applyVersion(ctx, now)
		j.runs(ctx)

		after, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		s := after.Status
		Expect(s.Epoch).To(Equal(before.Status.Epoch + 1))
		Expect(s.StateEpoch).To(Equal(s.Epoch), "on topics of its own")
		Expect(s.Runtime.PlanHash).NotTo(Equal(before.Status.Runtime.PlanHash))
		Expect(s.LastSavepoint).To(HaveField("Epoch", before.Status.Epoch))
		Expect(s.Runtime).To(And(HaveField("RestoreFrom", s.LastSavepoint.ID), HaveField("RestoreExactly", true)))
		Expect(s.Conditions).To(And(
			ContainElement(And(HaveField("Type", v1alpha1.ConditionPlanAccepted), HaveField("Status", metav1.ConditionTrue), HaveField("ObservedGeneration", after.Generation))),
			Not(ContainElement(HaveField("Type", v1alpha1.ConditionStalled))), Not(ContainElement(HaveField("Type", v1alpha1.ConditionReconciling)))))
		Eventually(j.reasons).WithContext(ctx).Should(ContainElements(v1alpha1.ReasonSavepointing, v1alpha1.ReasonWaitingForWorkers, v1alpha1.ReasonReady), "events")
		Expect(s.Topics.Internal).To(HaveEach(HavePrefix("%s.%d.", s.Prefix, s.StateEpoch)))

		j.moves(ctx, j.written(ctx))
		Eventually(j.largest).WithContext(ctx).Should(BeNumerically(">", 0), "the new query writes")
		j.check(ctx)
		j.noWorkerFailed(ctx)
		Eventually(j.onKafka).WithArguments(ctx, former).Should(BeEmpty(), "the topics before go once the new ones hold commits")
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.Probation).To(BeNil())
		Eventually(func() [][]string { return table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs", "-o", "wide")) }).WithContext(ctx).
			WithPolling(2 * time.Second).Should(HaveExactElements(
			HaveExactElements("NAME", "PHASE", "PARALLELISM", "DESIRED", "READY", "LAG", "EPOCH", "IMAGE", "REASON", "STALLED", "DELAY", "AGE"),
			ContainElements(jobName, "Running", strconv.FormatInt(s.Epoch, 10), "Ready")))
	})

	It("refuses a query whose state no savepoint carries over, and stops nothing for it", func(ctx SpecContext) {
		j.feed(ctx)
		before, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		pods := j.pods(ctx)
		out, err := tryKubectl(ctx, j.manifest(version{largest: now.largest, seconds: 20}), "apply", "-n", j.namespace, "-f", "-")
		GinkgoWriter.Print(out)
		Expect(err).To(HaveOccurred())
		Expect(out).To(And(ContainSubstring("is invalid: spec.sql"), ContainSubstring("no savepoint carries the state over"), ContainSubstring("spec.upgrade says what may be given up")))
		j.moves(ctx, j.written(ctx))
		after, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(after.Generation).To(Equal(before.Generation))
		Expect(after.Status.Epoch).To(Equal(before.Status.Epoch))
		Expect(meta.IsStatusConditionTrue(after.Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue())
		Expect(j.pods(ctx)).To(Equal(pods), "the same pods run")
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})

	It("rests while it is suspended, and goes on where it stopped", func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		kubectl(ctx, "-n", j.namespace, "patch", "streamjob", jobName, "--type=merge", `--patch={"spec":{"suspend":true}}`)
		var rests v1alpha1.StreamJobStatus
		Eventually(func(ctx context.Context) (v1alpha1.StreamJobStatus, error) {
			o, err := j.get(ctx)
			rests = o.Status
			return o.Status, err
		}).WithContext(ctx).Should(And(
			HaveField("Phase", v1alpha1.PhaseSuspended), HaveField("Parallelism", v1alpha1.ParallelismStatus{}), HaveField("Suspended", Not(BeNil()))))
		Expect(rests.Suspended.Savepoint).To(Equal(rests.LastSavepoint.ID))
		Expect(rests.Conditions).To(And(
			ContainElement(And(HaveField("Type", v1alpha1.ConditionSuspended), HaveField("Status", metav1.ConditionTrue), HaveField("Reason", v1alpha1.ReasonSuspended), HaveField("Message", ContainSubstring(rests.Suspended.Savepoint)))),
			Not(ContainElement(HaveField("Type", v1alpha1.ConditionReady))), Not(ContainElement(HaveField("Type", v1alpha1.ConditionStalled))), Not(ContainElement(HaveField("Type", v1alpha1.ConditionReconciling)))))
		Eventually(j.pods).WithContext(ctx).Should(BeEmpty())
		rows := table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))
		Expect(rows).To(HaveExactElements(Not(BeEmpty()), ContainElements(jobName, "Suspended", "0")))
		written := j.written(ctx)
		Consistently(j.written).WithContext(ctx).WithTimeout(3*time.Second).Should(Equal(written), "nothing comes out, though rows go in")

		Expect(millrace(ctx, "-n", j.namespace, "resume", jobName, "--timeout=60s")).To(ContainSubstring("streamjob.millrace.dev/totals resumed: 1 workers run in epoch %d\n", epoch+1))
		j.runs(ctx)
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Status.Epoch).To(Equal(epoch + 1))
		Expect(o.Status.Runtime.RestoreFrom).To(Equal(rests.Suspended.Savepoint))
		Expect(o.Status.Suspended).To(BeNil())
		j.moves(ctx, written)
		j.check(ctx)
		j.noWorkerFailed(ctx)
		Expect(j.reasons(ctx)).To(ContainElement(v1alpha1.ReasonSuspended))
	})

	It("goes back to its first version, as it went from there", func(ctx SpecContext) {
		j.feed(ctx)
		epoch := j.epoch(ctx)
		Expect(table(millrace(ctx, "-n", j.namespace, "history", jobName))).To(HaveExactElements(
			HaveExactElements("REVISION", "AGE", "PLAN", "CHANGED", "OUTCOME"),
			ContainElements("1", "<none>"), ContainElements("2", "sql")))
		out := millrace(ctx, "-n", j.namespace, "rollback", jobName, "--to-revision=1")
		Expect(out).To(And(MatchRegexp("Warning: spec.sql: the job stops at a savepoint and goes on from it: .*MAX\\(reading\\) is dropped"),
			ContainSubstring("streamjob.millrace.dev/totals rolled back to revision 1: sql\n")))
		j.runs(ctx)
		Expect(j.epoch(ctx)).To(Equal(epoch + 1))
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
		Expect(table(millrace(ctx, "-n", j.namespace, "history", jobName))).To(HaveExactElements(Not(BeEmpty()), ContainElements("2"), ContainElements("3", "sql")))
		o, err := j.get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(o.Spec.SQL).To(ContainSubstring("SUM(reading), 0\n"))
		Expect(o.Status.CurrentRevision).To(Equal(o.Status.UpdateRevision))
		Expect(kubectl(ctx, "-n", j.namespace, "get", "controllerrevision", o.Status.CurrentRevision, "-o", "jsonpath={.revision}")).To(Equal("3"))
	})
})

// version is what a user edits in versions.yaml.
type version struct {
	largest string
	seconds int
	// probation and rollback are of spec.upgrade; empty are five seconds, and Carry.
	probation, rollback string
}

// manifest returns the manifest of a version.
func (j *job) manifest(v version) string {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("manifests", "versions.yaml"))
	Expect(err).NotTo(HaveOccurred())
	names := j.names()
	names["LARGEST"], names["SECONDS"], names["SUSPEND"] = v.largest, strconv.Itoa(v.seconds), "false"
	names["PROBATION"], names["ROLLBACK"] = cmp.Or(v.probation, "5s"), cmp.Or(v.rollback, "Carry")
	return fill(string(text), names)
}

func (j *job) applyVersion(ctx context.Context, v version) {
	GinkgoHelper()
	applyText(ctx, j.namespace, j.manifest(v), "versions.yaml")
}

// pods lists what tells the job's pods from others that come in their place.
func (j *job) pods(ctx context.Context) []string {
	GinkgoHelper()
	pods, err := j.workers(ctx)
	Expect(err).NotTo(HaveOccurred())
	var list []string
	for i := range pods {
		list = append(list, pods[i].Name+" "+string(pods[i].UID))
	}
	slices.Sort(list)
	return list
}

// reasons lists those of the events about the job.
func (j *job) reasons(ctx context.Context) []string {
	GinkgoHelper()
	out, err := tryKubectl(ctx, "", "-n", j.namespace, "get", "events.events.k8s.io", "-o", "json")
	Expect(err).NotTo(HaveOccurred(), out)
	var list struct {
		Items []struct {
			Reason    string
			Regarding struct{ Kind, Name string }
		}
	}
	Expect(json.Unmarshal([]byte(out), &list)).To(Succeed())
	var reasons []string
	for _, e := range list.Items {
		if e.Regarding.Kind == "StreamJob" && e.Regarding.Name == jobName {
			reasons = append(reasons, e.Reason)
		}
	}
	return reasons
}

// largest returns the greatest value of the column that the changed query fills, over all that was committed.
func (j *job) largest(ctx context.Context) (int64, error) {
	ends, err := world.admin.ListCommittedOffsets(ctx, j.output())
	if err != nil {
		return 0, err
	}
	at := map[int32]kgo.Offset{}
	for _, o := range ends.Offsets()[j.output()] {
		at[o.Partition] = kgo.NewOffset().AtStart()
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(world.brokers), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{j.output(): at}), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	largest := int64(0)
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for ctx.Err() == nil && largest == 0 {
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			var row struct{ Largest int64 }
			if err := json.Unmarshal(r.Value, &row); err == nil {
				largest = max(largest, row.Largest)
			}
		})
	}
	return largest, nil
}
