package admission_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// A version that fails is left by setting the query back. What it has added goes, and that is no reason to refuse the way out.
func TestTheWayBackOfAVersionThatFailsIsNotRefused(t *testing.T) {
	first := job(query("INSERT INTO totals SELECT channel, 1, 1 FROM bids"))
	now := metav1.Now()
	cases := map[string]struct {
		status   func(s *v1alpha1.StreamJobStatus)
		rollback v1alpha1.RollbackPolicy
		want     string
	}{
		"a job that is held":                   {func(s *v1alpha1.StreamJobStatus) { s.Held = &v1alpha1.Held{} }, "", "warned spec.sql: the job goes on from its last commit: nothing takes the state of "},
		"and writes rows twice where it is to": {func(s *v1alpha1.StreamJobStatus) { s.Held = &v1alpha1.Held{} }, v1alpha1.RollbackReplay, "warned spec.sql: the job goes back to the plan of epoch 2 and the savepoint sp: what was read"},
		"one that has committed nothing":       {func(*v1alpha1.StreamJobStatus) {}, "", "warned spec.sql: the job goes back to the plan of epoch 2 and the savepoint sp, unless"},
		"one that has, and does not fail":      {func(s *v1alpha1.StreamJobStatus) { s.Probation.CommittedAt = &now }, "", "refused spec.sql "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			before, after := planOf(t, first, topics()), job(runs(t, topics()))
			after.Spec.Savepoints = &v1alpha1.Savepoints{URL: "s3://b/"}
			after.Status.Runtime.RestoreFrom = "sp"
			after.Status.Probation = &v1alpha1.Probation{Epoch: 2, Runtime: &v1alpha1.RuntimeStatus{PlanHash: before.Hash}}
			c.status(&after.Status)
			back := after.DeepCopy()
			back.Spec.SQL, back.Spec.Upgrade.Rollback = first.Spec.SQL, c.rollback
			n := 0
			if got := said(judge(&n).Job(back, after, topics(), planOf(t, after, topics()))); !strings.HasPrefix(got, c.want) {
				t.Errorf("it says %q", got)
			}
		})
	}
}
