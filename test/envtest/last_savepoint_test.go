//go:build envtest

package envtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
)

// awaitEnd waits until the job is gone.
func (w *world) awaitEnd() {
	w.t.Helper()
	w.await("the job goes", func() error {
		job := &v1alpha1.StreamJob{}
		err := kube.Get(w.t.Context(), w.key("job"), job)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(err, fmt.Errorf("it is %s: %+v", job.Status.Phase, job.Status.Conditions))
	})
}

func TestADeletedJobLeavesItsLastSavepoint(t *testing.T) {
	t.Parallel()
	w := running(t, saves+"deletion: {savepoint: Required},")
	w.commit(1, 1, 0)
	prefix := w.job().Status.Prefix
	if err := kube.Delete(t.Context(), w.job()); err != nil {
		t.Fatal(err)
	}
	id := w.finish()
	w.awaitEnd()
	list := w.records(v1alpha1.OriginDeletion)
	if len(list) != 1 {
		t.Fatalf("there are %+v", list)
	}
	s := w.awaitSavepoint(list[0].Name, "Completed SavepointCompleted")
	if s.Status.ID != id || s.Status.Job != prefix || s.Status.URL != "s3://saves/here" {
		t.Errorf("%+v", s.Status)
	}
	if left := w.topics(prefix); len(left) > 0 {
		t.Errorf("topics %v", left)
	}
	w.apply(jobYAML(sql1, saves+"restoreFrom: savepoint/"+s.Name+","))
	w.awaitJob("Running 1 Ready")
	if args := strings.Join(w.args(1), " "); !strings.Contains(args, "--restore-from="+id) {
		t.Errorf("args %s", args)
	}
}

func TestADeletedJobIsKeptForASavepointUntilNobodyWantsIt(t *testing.T) {
	t.Parallel()
	w := running(t, "deletion: {savepoint: Required},")
	if err := kube.Delete(t.Context(), w.job()); err != nil {
		t.Fatal(err)
	}
	w.awaitJob("Deleting 1 SavepointRequired")
	c := meta.FindStatusCondition(w.job().Status.Conditions, v1alpha1.ConditionStalled)
	if c == nil || !strings.Contains(c.Message, "set spec.savepoints.url") || !strings.Contains(c.Message, "set spec.deletion.savepoint to Never") {
		t.Errorf("%+v", c)
	}
	if w.set(1) == nil {
		t.Error("its workers were stopped")
	}
	w.apply(jobYAML(sql1, "deletion: {savepoint: Never},"))
	w.awaitEnd()
}

func TestADeletedJobGoesWithoutASavepointThatCanNotBe(t *testing.T) {
	t.Parallel()
	w := running(t, "deletion: {savepoint: IfPossible},")
	if err := kube.Delete(t.Context(), w.job()); err != nil {
		t.Fatal(err)
	}
	w.awaitEnd()
	w.await("it is said", func() error {
		text, err := kubectl(t.Context(), "-n", w.namespace, "get", "events.events.k8s.io")
		if err != nil || !strings.Contains(text, v1alpha1.ReasonSavepointSkipped) {
			return fmt.Errorf("%w: %s", err, text)
		}
		return nil
	})
}
