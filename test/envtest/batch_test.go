//go:build envtest

package envtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

const batch = "mode: Batch,"

func TestABatchJobIsAskedForInOneWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for fields, want := range map[string]string{
		"mode: Sometimes,":                                    "Unsupported value",
		"endAt: {type: Latest},":                              "spec.endAt: Invalid value: spec.endAt is for spec.mode Batch",
		"ttlSecondsAfterFinished: 1,":                         "spec.ttlSecondsAfterFinished is for spec.mode Batch",
		batch + "endAt: {type: Timestamp},":                   "timestamp is given with the type Timestamp",
		batch + "endAt: {timestamp: '2026-01-01T00:00:00Z'},": "timestamp is given with the type Timestamp",
		batch + "startFrom: {type: Latest},":                  "take spec.startFrom out",
		batch + "overload: {type: Shed, maxLagRecords: 5},":   "take spec.overload out",
		batch + "savepoints: {url: 's3://saves/here'},":       "take spec.savepoints out",
		batch + "deletion: {savepoint: IfPossible},":          "take spec.deletion.savepoint out",
		batch + "autoscaling: {mode: Auto, scaleToZero: {}},": "take spec.autoscaling.scaleToZero out",
		batch + "ttlSecondsAfterFinished: -1,":                "greater than or equal to 0",
	} {
		if err := w.tryApply(jobYAML(sql1, fields)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", fields, err, want)
		}
	}
	w.apply(jobYAML(sql1, batch+"endAt: {type: Timestamp, timestamp: '2026-01-01T00:00:00Z'}, ttlSecondsAfterFinished: 60,"))
	for fields, want := range map[string]string{
		"mode: Streaming,": "spec.mode is immutable",
		batch + "endAt: {type: Timestamp, timestamp: '2027-01-01T00:00:00Z'},": "spec.endAt is immutable",
	} {
		if err := w.tryApply(jobYAML(sql1, fields)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", fields, err, want)
		}
	}
	text, err := kubectl(t.Context(), "patch", "-n", w.namespace, "streamjob/job", "--type=json", `--patch=[{"op": "remove", "path": "/spec/endAt"}]`)
	if err == nil || !strings.Contains(text+err.Error(), "spec.endAt is immutable") {
		t.Errorf("without endAt: %v: %s", err, text)
	}
}

// A batch job completes when all of its tasks have committed that they are at their ends: kubectl wait says so, its workers and what it has on Kafka
// are gone, it is not begun again, and at the end of its time it is deleted.
func TestABatchJobCompletes(t *testing.T) {
	t.Parallel()
	w := running(t, batch)
	prefix := w.job().Status.Prefix
	if r := w.job().Status.Range; len(r) != 1 || r[0].Topic != "in" || len(r[0].To) != 2 {
		t.Errorf("the range is %+v", r)
	}
	if args := w.args(1); !slices.Contains(args, `--ends={"in":[0,0]}`) {
		t.Errorf("workers are not told: %v", args)
	}
	w.commitEnds()
	if text, err := kubectl(t.Context(), "wait", "-n", w.namespace, "streamjob/job", "--for=condition=Complete", "--timeout=60s"); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	job := w.awaitJob("Completed 1 Completed")
	if s := job.Status; s.CompletedAt == nil || s.Parallelism.Desired != 0 || s.Parallelism.Ready != 0 || meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionJobRunning) {
		t.Errorf("status %+v", s)
	}
	for _, kind := range []string{"Ready", "Complete"} {
		if text, err := kubectl(t.Context(), "wait", "-n", w.namespace, "streamjob/job", "--for=condition="+kind, "--timeout=1s"); err != nil {
			t.Errorf("%s: %v: %s", kind, err, text)
		}
	}
	w.leftNothing(prefix)
	w.apply(jobYAML(sql1, batch+"ttlSecondsAfterFinished: 1,"))
	w.await("it is deleted", func() error {
		if err := kube.Get(t.Context(), w.key("job"), &v1alpha1.StreamJob{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %w", err)
		}
		return nil
	})
}

// leftNothing waits until a complete job has neither workers nor anything on Kafka.
func (w *world) leftNothing(prefix string) {
	w.t.Helper()
	w.await("its workers are gone", func() error {
		var pods corev1.PodList
		if err := kube.List(w.t.Context(), &pods, client.InNamespace(w.namespace)); err != nil || len(pods.Items) > 0 || w.set(1) != nil {
			return fmt.Errorf("%d pods, %w", len(pods.Items), err)
		}
		return nil
	})
	if left := w.topics(prefix + "."); len(left) > 0 {
		w.t.Errorf("topics %v are left", left)
	}
	if text, err := kubectl(w.t.Context(), "get", "-n", w.namespace, "streamjob", "job"); err != nil || !strings.Contains(text, "Completed") {
		w.t.Errorf("%v: %s", err, text)
	}
}

// commitEnds does what the workers of a batch job have done at its end.
func (w *world) commitEnds() {
	w.t.Helper()
	s := w.job().Status
	exchange := physical.Topics{Prefix: s.Prefix, StateEpoch: s.StateEpoch}.Exchange("x")
	offsets, end := kadm.Offsets{}, task.Meta{JobEpoch: 1, Seq: 1, Watermark: types.EndOfInput}
	for topic, partitions := range map[string]int32{"in": 2, exchange: 4} {
		for number := range partitions {
			offsets.Add(kadm.Offset{Topic: topic, Partition: number, LeaderEpoch: -1, Metadata: end.Encode()})
		}
	}
	if err := w.kafka.CommitAllOffsets(w.t.Context(), s.Prefix, offsets); err != nil {
		w.t.Fatal(err)
	}
}
