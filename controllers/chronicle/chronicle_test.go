package chronicle_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/chronicle"
	"github.com/millrace/millrace/controllers/lifecycle"
)

func status(phase v1alpha1.JobPhase, condition, reason string) *v1alpha1.StreamJobStatus {
	return &v1alpha1.StreamJobStatus{Phase: phase, Conditions: []metav1.Condition{
		{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: "Other"}, {Type: condition, Status: metav1.ConditionTrue, Reason: reason},
	}}
}

// Time in a phase counts while it lasts, and a pass that changes nothing is no transition.
func TestAJobsLifeIsCounted(t *testing.T) {
	now := time.Unix(1000, 0)
	c := chronicle.New(func() time.Time { return now })
	a, b := types.NamespacedName{Namespace: "n", Name: "a"}, types.NamespacedName{Namespace: "n", Name: "b"}
	pending := status(v1alpha1.PhasePending, v1alpha1.ConditionReconciling, v1alpha1.ReasonWaitingForTopics)
	c.Pass(a, &v1alpha1.StreamJobStatus{}, []lifecycle.Action{{Kind: lifecycle.AddFinalizer}})
	c.Pass(a, pending, nil)
	now = now.Add(4 * time.Second)
	c.Pass(a, pending, nil)
	c.Pass(b, status(v1alpha1.PhaseStalled, v1alpha1.ConditionStalled, v1alpha1.ReasonInvalidQuery), nil)
	now = now.Add(3 * time.Second)
	c.Pass(a, status(v1alpha1.PhaseFencing, v1alpha1.ConditionReconciling, v1alpha1.ReasonFencing), []lifecycle.Action{{Kind: lifecycle.StorePlan}})
	now = now.Add(2 * time.Second)
	c.Gone(b)
	c.Gone(b)
	want := `
# HELP millrace_operator_actions_total Steps that were decided on, by what they do.
# TYPE millrace_operator_actions_total counter
millrace_operator_actions_total{action="add the finalizer"} 1
millrace_operator_actions_total{action="store the plan"} 1
# HELP millrace_operator_decisions_total Passes over StreamJobs, by the reason that they ended with.
# TYPE millrace_operator_decisions_total counter
millrace_operator_decisions_total{reason="Fencing"} 1
millrace_operator_decisions_total{reason="InvalidQuery"} 1
millrace_operator_decisions_total{reason="WaitingForTopics"} 2
# HELP millrace_operator_jobs StreamJobs by phase.
# TYPE millrace_operator_jobs gauge
millrace_operator_jobs{phase="Fencing"} 1
millrace_operator_jobs{phase="Pending"} 0
millrace_operator_jobs{phase="Stalled"} 0
# HELP millrace_operator_phase_seconds_total Seconds that StreamJobs have been in a phase, all together.
# TYPE millrace_operator_phase_seconds_total counter
millrace_operator_phase_seconds_total{phase="Fencing"} 2
millrace_operator_phase_seconds_total{phase="Pending"} 7
millrace_operator_phase_seconds_total{phase="Stalled"} 5
# HELP millrace_operator_transitions_total Changes of a StreamJob's phase.
# TYPE millrace_operator_transitions_total counter
millrace_operator_transitions_total{from="Pending",to="Fencing"} 1
millrace_operator_transitions_total{from="Stalled",to="Gone"} 1
`
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), "millrace_operator_actions_total", "millrace_operator_decisions_total",
		"millrace_operator_jobs", "millrace_operator_phase_seconds_total", "millrace_operator_transitions_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(c, "millrace_operator_phase_stay_seconds"); n != 2 {
		t.Errorf("%d histograms of stays, want those of Pending and Stalled", n)
	}
}

// A job is counted under the reason that it is stalled for now, and under none once it is not.
func TestStalledJobsAreCountedByTheirReason(t *testing.T) {
	c := chronicle.New(time.Now)
	a, b := types.NamespacedName{Namespace: "n", Name: "a"}, types.NamespacedName{Namespace: "n", Name: "b"}
	invalid := status(v1alpha1.PhaseRunning, v1alpha1.ConditionStalled, v1alpha1.ReasonInvalidQuery)
	c.Pass(a, invalid, nil)
	c.Pass(a, invalid, nil)
	c.Pass(b, invalid, nil)
	c.Pass(b, status(v1alpha1.PhaseRunning, v1alpha1.ConditionStalled, v1alpha1.ReasonRolledBack), nil)
	c.Pass(a, status(v1alpha1.PhaseRunning, v1alpha1.ConditionReconciling, v1alpha1.ReasonRolling), nil)
	stalled := func(rolledBack string) {
		t.Helper()
		if err := testutil.CollectAndCompare(c, strings.NewReader(`
# HELP millrace_operator_jobs_stalled StreamJobs that need somebody to do something, by the reason of their condition Stalled.
# TYPE millrace_operator_jobs_stalled gauge
millrace_operator_jobs_stalled{reason="InvalidQuery"} 0
millrace_operator_jobs_stalled{reason="RolledBack"} `+rolledBack+"\n"), "millrace_operator_jobs_stalled"); err != nil {
			t.Error(err)
		}
	}
	stalled("1")
	c.Gone(b)
	stalled("0")
}

func TestSavepointsAreCountedByWhatTheyAreFor(t *testing.T) {
	c := chronicle.New(time.Now)
	at := func(seconds int64) *metav1.Time { return &metav1.Time{Time: time.Unix(seconds, 0)} }
	bytes := int64(1000)
	made := &v1alpha1.StreamSavepointStatus{Phase: v1alpha1.SavepointCompleted, RequestedAt: at(100), CompletedAt: at(104), Bytes: &bytes}
	c.Savepoint(v1alpha1.OriginScheduled, made)
	c.Savepoint(v1alpha1.OriginScheduled, made)
	c.Savepoint(v1alpha1.OriginScheduled, &v1alpha1.StreamSavepointStatus{Phase: v1alpha1.SavepointFailed, RequestedAt: at(100)})
	c.Savepoint(v1alpha1.OriginUpgrade, &v1alpha1.StreamSavepointStatus{Phase: v1alpha1.SavepointCompleted, CompletedAt: at(104)})
	if err := testutil.CollectAndCompare(c, strings.NewReader(`
# HELP millrace_operator_savepoint_bytes_total Bytes of the files of savepoints that were made.
# TYPE millrace_operator_savepoint_bytes_total counter
millrace_operator_savepoint_bytes_total{origin="Scheduled"} 2000
# HELP millrace_operator_savepoints_total StreamSavepoints that came to their end, by what they were for and what became of them.
# TYPE millrace_operator_savepoints_total counter
millrace_operator_savepoints_total{origin="Scheduled",phase="Completed"} 2
millrace_operator_savepoints_total{origin="Scheduled",phase="Failed"} 1
millrace_operator_savepoints_total{origin="Upgrade",phase="Completed"} 1
`), "millrace_operator_savepoint_bytes_total", "millrace_operator_savepoints_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(c, "millrace_operator_savepoint_seconds"); n != 1 {
		t.Errorf("%d histograms, want that of Scheduled: nobody was asked for the others, or they are not there", n)
	}
}

// The reference lists the operator's metrics, and no others.
func TestTheReferenceListsTheMetrics(t *testing.T) {
	const file = "../../docs/reference/operator-metrics.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var listed, there []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(millrace_[a-z_]+)").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, m[1])
	}
	descs := make(chan *prometheus.Desc, 100)
	chronicle.New(time.Now).Describe(descs)
	close(descs)
	for d := range descs {
		_, name, _ := strings.Cut(d.String(), `fqName: "`)
		name, _, _ = strings.Cut(name, `"`)
		there = append(there, name)
	}
	slices.Sort(listed)
	slices.Sort(there)
	if !slices.Equal(listed, there) {
		t.Errorf("%s lists\n%s\nthe operator has\n%s", file, strings.Join(listed, "\n"), strings.Join(there, "\n"))
	}
}
