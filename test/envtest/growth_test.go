//go:build envtest

package envtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// handOver does what the first worker of an epoch does: it stamps the partitions of the input that are there.
func (w *world) handOver(epoch int64, watermark time.Time) {
	w.t.Helper()
	topics, err := w.kafka.ListTopics(kadm.WithAuthorizedOps(w.t.Context()), "in")
	if err != nil {
		w.t.Fatal(err)
	}
	offsets := kadm.Offsets{}
	for number := range topics["in"].Partitions {
		meta := task.Meta{JobEpoch: epoch, Seq: 1, Watermark: types.Watermark(watermark.UnixMicro())}
		offsets.Add(kadm.Offset{Topic: "in", Partition: number, LeaderEpoch: -1, Metadata: meta.Encode()})
	}
	if err := w.kafka.CommitAllOffsets(w.t.Context(), w.job().Status.Prefix, offsets); err != nil {
		w.t.Fatal(err)
	}
}

// What is added to an input is taken up by a new epoch of the same plan, whoever has added it.
func TestATopicThatGrowsUnderARunningJobBeginsAnEpoch(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 2,")
	internal := w.topics(w.job().Status.Prefix)
	w.handOver(1, time.Now())
	topic := &v1alpha1.StreamTopic{ObjectMeta: named(w, "in")}
	if err := kube.Patch(t.Context(), topic, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"partitions":3}}`))); err != nil {
		t.Fatal(err)
	}
	job := w.awaitJob("Running 2 Ready")
	w.awaitEvent("in", v1alpha1.ReasonTopicGrown, "the StreamJobs job begin an epoch")
	if r := job.Status.Runtime; r.PlanHash != "p1" || job.Status.StateEpoch != 1 {
		t.Errorf("status %+v", job.Status)
	}
	if after := w.topics(job.Status.Prefix); !slices.Equal(internal, after) {
		t.Errorf("internal topics %v, before %v", after, internal)
	}
	if w.set(1) != nil {
		t.Error("the workload of epoch 1 is still there")
	}
	w.apply(jobYAML("nonsense", "parallelism: 2,")) // a refused query does not stand in the way
	w.awaitRefusal(v1alpha1.ReasonInvalidQuery)
	w.handOver(2, time.Now())
	if _, err := w.kafka.UpdatePartitions(t.Context(), 4, "in"); err != nil {
		t.Fatal(err)
	}
	w.awaitJob("Running 3 InvalidQuery")
	plan := &corev1.ConfigMap{}
	if err := kube.Get(t.Context(), w.key("job-3"), plan); err != nil || plan.Annotations[render.AnnotationPlanHash] != "p1" {
		t.Errorf("the plan of epoch 3: %v, %v", plan.Annotations, err)
	}
	w.handOver(3, time.Now())
	time.Sleep(time.Second)
	if job := w.job(); job.Status.Epoch != 3 || job.Status.Attempt != nil {
		t.Errorf("it went on to epoch %d", job.Status.Epoch)
	}
}

func TestTheStatusShowsTheWatermark(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	w.handOver(1, time.Now().Add(-time.Hour))
	w.await("the watermark", func() error {
		m := w.job().Status.Watermark
		if m == nil || m.Delay.Duration < time.Hour || m.Delay.Duration > time.Hour+time.Minute {
			return fmt.Errorf("it is %+v", m)
		}
		return nil
	})
}
