//go:build envtest

package envtest

import (
	"errors"
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/millrace/millrace/api/v1alpha1"
)

// What the operator decides is in the registry that it serves: the way of a job to Running, and its end.
func TestTheOperatorCountsWhatItDecides(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	seen := func(name string, labels ...string) float64 {
		t.Helper()
		families, err := metrics.Registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, f := range families {
			for _, m := range f.GetMetric() {
				matches := f.GetName() == name
				for i := 0; i < len(labels); i += 2 {
					has := false
					for _, l := range m.GetLabel() {
						has = has || l.GetName() == labels[i] && l.GetValue() == labels[i+1]
					}
					matches = matches && has
				}
				if matches {
					sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
				}
			}
		}
		return sum
	}
	w.apply(savepointYAML("counted", "origin: Scheduled, existing: {id: sp-1, url: 'file:///saves', bytes: 12},"))
	w.await("a job that runs", func() error {
		for name, labels := range map[string][]string{
			"millrace_operator_jobs":                  {"phase", string(v1alpha1.PhaseRunning)},
			"millrace_operator_phase_seconds_total":   {"phase", string(v1alpha1.PhaseRunning)},
			"millrace_operator_transitions_total":     {"from", string(v1alpha1.PhaseFencing), "to", string(v1alpha1.PhaseDeploying)},
			"millrace_operator_phase_stay_seconds":    {"phase", string(v1alpha1.PhaseDeploying)},
			"millrace_operator_decisions_total":       {"reason", v1alpha1.ReasonReady},
			"millrace_operator_actions_total":         {"action", "store the plan"},
			"millrace_operator_savepoints_total":      {"origin", "Scheduled", "phase", "Completed"},
			"millrace_operator_savepoint_bytes_total": {"origin", "Scheduled"},
		} {
			if seen(name, labels...) <= 0 {
				return fmt.Errorf("%s %v is not there", name, labels)
			}
		}
		return nil
	})
	if err := kube.Delete(t.Context(), w.job()); err != nil {
		t.Fatal(err)
	}
	w.await("a job that is gone", func() error {
		if seen("millrace_operator_transitions_total", "to", "Gone") <= 0 {
			return errors.New("it is not counted")
		}
		return nil
	})
}
