package killpoints

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
)

// internalTopics is how many internal topics a state epoch of the job has: control, commits, exchange, changelog.
const internalTopics = 4

// scenarios are all that there are.
func scenarios() []*scenario {
	patient := func(s *v1alpha1.StreamJobSpec) { s.Upgrade.Deadline.Duration = 20 * time.Second }
	noPlace := func(s *v1alpha1.StreamJobSpec) { s.Savepoints = nil }
	return append(append(batchScenarios(), expiryScenarios()...), []*scenario{
		{name: "start", whole: true, ends: clean(1, 1)},
		{name: "upgrade", steps: []step{{"a query with other state", query(otherState), runs(2)}}, ends: clean(2, 2)},
		{name: "upgrade-same-state", steps: []step{{"a query with the same state", query(sameState), runs(2)}}, ends: clean(2, 1)},
		{
			name: "upgrade-stateless", judges: copiesOnly, ends: clean(2, 2),
			steps: []step{{"a query with other state", edit(func(s *v1alpha1.StreamJobSpec) { s.SQL, s.Upgrade.Mode = otherState, v1alpha1.UpgradeStateless }), runs(2)}},
		},
		{
			name: "upgrade-taken-back", set: slowSavepoints, ends: clean(1, 1),
			steps: []step{{"a query with other state", query(otherState), saves}, {"the query before", query(counting), runs(1)}},
		},
		{
			name: "trial", set: keepsSavepoints, begin: trials, ends: all(clean(2, 2), untried),
			steps: []step{{"a query with other state", query(otherState), runs(2)}},
		},
		{
			name: "trial-same-state", begin: trialsWithoutSavepoint, ends: all(clean(2, 1), untried),
			steps: []step{{"a query with the same state", query(sameState), runs(2)}},
		},
		{
			name: "trial-fails", set: keepsSavepoints, begin: trials, ends: all(clean(1, 1), untried),
			steps: []step{{"a query that fails on rows", query(failing), all(runs(1), stalls(v1alpha1.ReasonTrialFailed), untried)}},
		},
		{
			name: "trial-taken-back", set: keepsSavepoints, begin: trials, ends: all(clean(1, 1), untried),
			steps: []step{{"a query with other state", query(otherState), inTrial}, {"the query before", query(counting), all(runs(1), untried)}},
		},
		{
			name: "trial-deleted", set: keepsSavepoints, begin: trials, judges: soFar, ends: all(nothing(0), untried),
			steps: []step{{"a query with other state", query(otherState), inTrial}, {"delete", remove, gone}},
		},
		{
			name: "upgrade-fails", set: noSavepoints, ends: clean(1, 1),
			steps: []step{{"a query with other state", query(otherState), all(runs(1), stalls(v1alpha1.ReasonSavepointFailed))}},
		},
		{name: "upgrade-more-partitions", steps: []step{{"a partition", addPartition, runs(2)}}, ends: clean(2, 1)},
		{name: "upgrade-image", steps: []step{{"another image", edit(func(s *v1alpha1.StreamJobSpec) { s.RuntimeVersion = "v2" }), all(runs(1), images("v2"))}}, ends: clean(1, 1)},
		{
			name: "rollback", set: sick("job-2-"), begin: patient, ends: clean(3, 3),
			steps: []step{{"a query whose workers do not start", query(otherState), all(runs(3), stalls(v1alpha1.ReasonRolledBack))}},
		},
		{
			name: "rollback-image", set: func(w *world) { w.sickImage = ":broken" }, begin: patient, ends: all(clean(3, 3), images("v1")),
			steps: []step{{
				"a query and an image that does not start", edit(func(s *v1alpha1.StreamJobSpec) {
					s.SQL, s.Template = otherState, &runtime.RawExtension{Raw: []byte(`{"spec":{"containers":[{"name":"worker","image":"millrace/worker:broken"}]}}`)}
				}),
				all(runs(3), stalls(v1alpha1.ReasonRolledBack)),
			}},
		},
		{
			name: "rollback-asked", set: sick("job-2-"), ends: clean(3, 3),
			steps: []step{{"a query whose workers do not start", query(otherState), proves(2)}, {"the query before", query(counting), runs(3)}},
		},
		{
			name: "rescale", ends: clean(1, 1), steps: []step{
				{"up", edit(func(s *v1alpha1.StreamJobSpec) { s.Parallelism = 4 }), all(runs(1), workers(4))},
				{"down", edit(func(s *v1alpha1.StreamJobSpec) { s.Parallelism = 1 }), all(runs(1), workers(1))},
			},
		},
		{name: "suspend", steps: []step{{"suspend", suspend(true), rests(true)}, {"resume", suspend(false), runs(2)}}, ends: clean(2, 2)},
		{name: "suspend-without-savepoint", begin: noPlace, steps: []step{{"suspend", suspend(true), rests(false)}, {"resume", suspend(false), runs(2)}}, ends: clean(2, 1)},
		{name: "deletion", steps: []step{{"delete", remove, gone}}, judges: soFar, ends: nothing(0)},
		{
			name: "deletion-in-an-upgrade", set: slowSavepoints, judges: soFar, ends: nothing(0),
			steps: []step{{"a query with other state", query(otherState), saves}, {"delete", remove, gone}},
		},
		{
			name: "deletion-retains", begin: func(s *v1alpha1.StreamJobSpec) { s.Deletion.InternalTopics = v1alpha1.DeletionRetain },
			judges: nothingOut, ends: clean(1, 1),
			steps: []step{
				{"delete", remove, all(gone, nothing(internalTopics))},
				{"the same name again", func(w *world) { w.create(nil) }, found},
				{"consent", consent, runs(1)},
			},
		},
		{
			name: "upgrade-lost-node", set: func(w *world) { w.lost = "job-1-0" },
			steps: []step{{"a query with the same state", query(sameState), runs(2)}}, ends: notDeployed(1),
		},
		{
			name: "probation-carry", ends: clean(3, 3), steps: []step{
				{"a query that can't process all rows", query(poisoned), onProbation},
				{"such a row", feedPoison, all(runs(3), stalls(v1alpha1.ReasonRolledBack))},
			},
		},
		{
			name: "probation-hold", begin: rollback(v1alpha1.RollbackHold), ends: clean(3, 3), steps: []step{
				{"a query that can't process all rows", query(poisoned), onProbation},
				{"such a row", feedPoison, all(isHeld, workers(0))},
				{"the query before", query(counting), runs(3)},
			},
		},
		{
			name: "probation-replay", begin: rollback(v1alpha1.RollbackReplay), judges: atLeastOnce, ends: clean(3, 3), steps: []step{
				{"a query that can't process all rows", query(poisoned), onProbation},
				{"such a row", feedPoison, all(runs(3), stalls(v1alpha1.ReasonRolledBack))},
			},
		},
		{
			name: "probation-behind", judges: atLeastOnce, ends: clean(3, 3), steps: []step{
				{"a query that can't process all windows", query(poisonedLate), onProbation},
				{"a row of such a window", feedPoison, all(isHeld, workers(0))},
				{"the query before, and rows twice", edit(func(s *v1alpha1.StreamJobSpec) { s.SQL, s.Upgrade.Rollback = counting, v1alpha1.RollbackReplay }), runs(3)},
			},
		},
		{ // the node starts the worker again and again: it finds no group, and no internal topics either, and makes none
			name: "deletion-lost-node", set: func(w *world) { w.lost = "job-1-0" },
			steps: []step{{"delete", remove, gone}}, judges: soFar, ends: noTopics,
		},
		{ // a plan for workers of another version begins from no savepoint
			name: "upgrade-version",
			steps: []step{{
				"a query with other state, for another version", edit(func(s *v1alpha1.StreamJobSpec) { s.SQL, s.RuntimeVersion = otherState, "v2" }),
				all(runs(1), stalls(v1alpha1.ReasonStateChanged)),
			}},
			ends: clean(1, 1),
		},
		{name: "status-deleted", steps: []step{{"the status is deleted", forget, found}}, ends: clean(1, 1)},
	}...)
}

func sick(pods string) func(w *world) {
	return func(w *world) { w.sick = pods }
}

func slowSavepoints(w *world) {
	w.blobs.Before = func(op snapshottest.Op, _ string) error {
		if op == snapshottest.Put {
			time.Sleep(3 * time.Second)
		}
		return nil
	}
}

func noSavepoints(w *world) {
	w.blobs.Before = func(op snapshottest.Op, _ string) error {
		if op == snapshottest.Put {
			return fault.New(fault.User, fault.Place{}, "the bucket is not there")
		}
		return nil
	}
}

func addPartition(w *world) {
	grown, err := w.kafka.CreatePartitions(w.t.Context(), 1, "in")
	w.must(errors.Join(err, grown.Error()))
	w.load.partitions.Add(1)
	w.load.client.ForceMetadataRefresh()
}

// forget deletes the status, as one does who restores objects from files.
func forget(w *world) {
	job, err := w.job(w.t.Context())
	w.must(err)
	job.Status = v1alpha1.StreamJobStatus{}
	w.must(w.api.Status().Update(w.t.Context(), job))
}

func consent(w *world) {
	job, err := w.job(w.t.Context())
	w.must(err)
	metav1.SetMetaDataAnnotation(&job.ObjectMeta, v1alpha1.AnnotationFoundState, v1alpha1.FoundStateDelete)
	w.must(w.api.Update(w.t.Context(), job))
}

// saves holds when the job is asked for a savepoint.
func saves(ctx context.Context, w *world) error {
	job, err := w.job(ctx)
	if err != nil {
		return err
	}
	if a := job.Status.Attempt; a == nil || a.Phase != v1alpha1.PhaseSavepointing {
		return errors.New(journal(job))
	}
	return nil
}

// proves holds when an epoch is deployed and on probation.
func proves(epoch int64) condition {
	return func(ctx context.Context, w *world) error {
		job, err := w.job(ctx)
		if err != nil {
			return err
		}
		if s := &job.Status; s.Epoch != epoch || s.Probation == nil || s.Attempt != nil {
			return errors.New(journal(job))
		}
		return nil
	}
}

// found holds when the job does not start over what an earlier one has left.
func found(ctx context.Context, w *world) error {
	job, err := w.job(ctx)
	if err != nil {
		return err
	}
	if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionStalled); c == nil || c.Reason != v1alpha1.ReasonStateFound || job.Status.Epoch != 0 {
		return fmt.Errorf("%s: %+v", journal(job), c)
	}
	return nil
}

// images holds when all pods have an image of a version.
func images(version string) condition {
	return func(ctx context.Context, w *world) error {
		var pods corev1.PodList
		if err := w.api.List(ctx, &pods); err != nil {
			return err
		}
		for i := range pods.Items {
			if image := pods.Items[i].Spec.Containers[0].Image; !strings.HasSuffix(image, ":"+version) {
				return fmt.Errorf("%s has the image %s", pods.Items[i].Name, image)
			}
		}
		return nil
	}
}

// notDeployed holds when there is no workload of an epoch.
func notDeployed(epoch int64) condition {
	return func(ctx context.Context, w *world) error {
		set := &appsv1.StatefulSet{}
		err := w.api.Get(ctx, client.ObjectKey{Namespace: namespace, Name: fmt.Sprintf("%s-%d", jobName, epoch)}, set)
		if !apierrors.IsNotFound(err) {
			return errors.Join(fmt.Errorf("the workload of epoch %d is there", epoch), err)
		}
		return nil
	}
}
