package cluster_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
)

func TestATrialIsShownWithHowFarItIs(t *testing.T) {
	until := metav1.NewTime(time.Date(2026, 11, 28, 9, 30, 0, 0, time.UTC))
	for want, change := range map[string]func(trial *v1alpha1.TrialStatus){
		"waits for its savepoint":                func(*v1alpha1.TrialStatus) {},
		"until 09:30:00 at the latest":           func(trial *v1alpha1.TrialStatus) { trial.Deadline = &until },
		"Failed, is being tidied up":             func(trial *v1alpha1.TrialStatus) { trial.Deadline, trial.Outcome = &until, v1alpha1.TrialFailed },
		"1a2b3c of epoch 3, plan def, for 60s: ": func(*v1alpha1.TrialStatus) {},
	} {
		s, j := newServer(t), job("delays")
		trial := &v1alpha1.TrialStatus{ID: "1a2b3c", Epoch: 3, StartedAt: metav1.NewTime(now().Add(-time.Minute)), Runtime: v1alpha1.RuntimeStatus{PlanHash: "def"}}
		change(trial)
		j.Status.Trial = trial
		s.objects[jobsPath] = []runtime.Object{j}
		var out bytes.Buffer
		if err := s.cluster.Status(t.Context(), cluster.StatusOptions{Job: "delays", Now: now(), Stdout: &out, Stderr: &out}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
