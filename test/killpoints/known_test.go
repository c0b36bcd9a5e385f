package killpoints

import (
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

// A node that does not answer runs its worker on. The operator fences it, deletes what the job has on Kafka, and lets the job go; the node then
// starts the worker again, which finds no group and begins the job anew, from spec.startFrom: everything is written twice. Whoever mends this puts
// the scenario among the others, judged by what came so far. See docs/decisions/0081-kill-points.md.
func TestKnownAWorkerOnALostNodeBeginsADeletedJobAnew(t *testing.T) {
	s := &scenario{
		name: "deletion-lost-node", set: func(w *world) { w.lost = "job-1-0" },
		steps: []step{{"delete", remove, gone}}, judges: soFar, ends: all(),
	}
	o := play(t, s, nil, nil)
	if !strings.Contains(o.wrong, "came twice") {
		t.Errorf("it is mended, or is not seen any more: %s", o.String())
	}
}

// A plan for workers of another version is of the oldest format, which can't begin from a savepoint: it is refused before anything stops.
func TestAnUpgradeToAnotherVersionWithOtherStateIsRefused(t *testing.T) {
	s := &scenario{
		name: "upgrade-version", begin: func(s *v1alpha1.StreamJobSpec) { s.Upgrade.Deadline.Duration = 20 * time.Second },
		steps: []step{{
			"a query with other state, for another version", edit(func(s *v1alpha1.StreamJobSpec) { s.SQL, s.RuntimeVersion = otherState, "v2" }),
			all(runs(1), stalls(v1alpha1.ReasonStateChanged)),
		}},
		ends: clean(1, 1),
	}
	if o := play(t, s, nil, nil); o.failed() {
		t.Error(o.String())
	}
}
