//go:build envtest

package envtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
)

// The spec of the trial's defaults is the API server's, and its Job is made under the operator's rights.
func TestATrialDecidesOverAVersion(t *testing.T) {
	t.Parallel()
	const trials, other = "upgrade: {trial: {}},", "FROM in TO out STATE s1 PLAN p3"
	w := running(t, trials)
	if got := w.job().Spec.Upgrade.Trial; got == nil || got.Rows != 10_000 || got.Timeout.Duration.String() != "5m0s" {
		t.Errorf("the defaults are %+v", got)
	}
	pods := w.uids()
	w.apply(jobYAML(other, trials))
	w.awaitJob("Trial 1 Trial")
	w.end(w.trial(), batchv1.JobFailed)
	job := w.awaitJob("Running 1 TrialFailed")
	w.awaitRefusal(v1alpha1.ReasonTrialFailed)
	if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionStalled); c == nil || !strings.Contains(c.Message, "it has no rows") {
		t.Errorf("it says %+v", c)
	}
	if !meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ConditionJobRunning) || w.uids() != pods {
		t.Errorf("the job does not run as before: %s and %s", pods, w.uids())
	}
	w.awaitNoTrial()

	w.apply(jobYAML(sql1, trials))
	if job := w.awaitJob("Running 1 Ready"); job.Status.LastFailure != nil || w.uids() != pods {
		t.Errorf("status %+v", job.Status)
	}

	w.apply(jobYAML(other, trials))
	w.awaitJob("Trial 1 Trial")
	w.end(w.trial(), batchv1.JobComplete)
	if job := w.awaitJob("Running 2 Ready"); job.Status.Runtime.PlanHash != "p3" {
		t.Errorf("status %+v", job.Status)
	}
	w.awaitNoTrial()
	w.apply(jobYAML(sql1, trials)) // and a trial that is under way goes with its job
	w.awaitJob("Trial 2 Trial")
	w.trial()
	if err := kube.Delete(t.Context(), w.job()); err != nil {
		t.Fatal(err)
	}
	w.await("the job goes", func() error {
		if err := client.IgnoreNotFound(kube.Get(t.Context(), w.key("job"), &v1alpha1.StreamJob{})); err != nil {
			return err
		}
		if len(w.trials()) > 0 {
			return errors.New("its trial is there")
		}
		return nil
	})
}

// trials lists the work of trials.
func (w *world) trials() []batchv1.Job {
	w.t.Helper()
	var list batchv1.JobList
	if err := kube.List(w.t.Context(), &list, client.InNamespace(w.namespace), client.MatchingLabels{render.LabelTrial: "job"}); err != nil {
		w.t.Fatal(err)
	}
	return list.Items
}

// trial waits for the work of one.
func (w *world) trial() (work *batchv1.Job) {
	w.t.Helper()
	w.await("the work of a trial", func() error {
		list := w.trials()
		if len(list) != 1 {
			return fmt.Errorf("there are %d", len(list))
		}
		work = &list[0]
		return nil
	})
	return work
}

// end ends a Job as its controller does.
func (w *world) end(work *batchv1.Job, how batchv1.JobConditionType) {
	w.t.Helper()
	now := metav1.Now()
	first := batchv1.JobSuccessCriteriaMet
	work.Status.StartTime = &now
	if how == batchv1.JobFailed {
		first = batchv1.JobFailureTarget
	} else {
		work.Status.CompletionTime = &now
	}
	for _, kind := range []batchv1.JobConditionType{first, how} {
		work.Status.Conditions = append(work.Status.Conditions, batchv1.JobCondition{Type: kind, Status: corev1.ConditionTrue, Reason: "Test", Message: "it has no rows", LastTransitionTime: now})
	}
	if err := kube.Status().Update(w.t.Context(), work); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) awaitNoTrial() {
	w.t.Helper()
	w.await("the trial is gone", func() error {
		if n := len(w.trials()); n > 0 || w.job().Status.Trial != nil {
			return fmt.Errorf("%d are left, %+v", n, w.job().Status.Trial)
		}
		return nil
	})
}

// uids tells the job's pods from others that come in their place.
func (w *world) uids() string {
	w.t.Helper()
	var pods corev1.PodList
	if err := kube.List(w.t.Context(), &pods, client.InNamespace(w.namespace), client.MatchingLabels{render.LabelJob: "job"}); err != nil {
		w.t.Fatal(err)
	}
	var list []string
	for i := range pods.Items {
		list = append(list, string(pods.Items[i].UID))
	}
	return strings.Join(list, " ")
}
