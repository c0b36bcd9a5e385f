package verdict_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/fault"
)

func TestAnErrorSaysItsReason(t *testing.T) {
	user := fault.New(fault.User, fault.Place{}, "wrong")
	cases := map[string]struct {
		err    error
		reason string
		state  verdict.State
	}{
		"a reason that was given":            {verdict.Because(v1alpha1.ReasonSecretNotFound, errors.New("x")), v1alpha1.ReasonSecretNotFound, verdict.Reconciling},
		"one that was given and wrapped":     {fmt.Errorf("y: %w", verdict.Because(v1alpha1.ReasonAuthenticationFailed, user)), v1alpha1.ReasonAuthenticationFailed, verdict.Stalled},
		"none, and a user's error":           {user, v1alpha1.ReasonKafkaError, verdict.Stalled},
		"none, and one that may pass":        {fault.New(fault.Transient, fault.Place{}, "away"), v1alpha1.ReasonBrokersUnreachable, verdict.Reconciling},
		"none, and one nobody has a kind of": {errors.New("x"), v1alpha1.ReasonBrokersUnreachable, verdict.Reconciling},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := verdict.OfError(c.err); got.Reason != c.reason || got.State != c.state || got.Message != c.err.Error() {
				t.Errorf("got %+v", got)
			}
		})
	}
	for name, c := range map[string]struct {
		err    error
		reason string
		state  verdict.State
	}{
		"a step with a reason":     {verdict.Because(v1alpha1.ReasonSecretNotFound, user), v1alpha1.ReasonSecretNotFound, verdict.Stalled},
		"a step of a user's error": {user, v1alpha1.ReasonStepFailed, verdict.Stalled},
		"a step that may pass":     {errors.New("x"), v1alpha1.ReasonStepFailed, verdict.Reconciling},
	} {
		if got := verdict.OfStep(c.err); got.Reason != c.reason || got.State != c.state || got.Message != c.err.Error() {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if verdict.Because("x", nil) != nil {
		t.Error("a reason makes an error of none")
	}
}

func TestWhatIsNotReadyForLongIsLookedAtLessOften(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for since, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, 12 * time.Second: 5 * time.Second, 2 * time.Minute: 30 * time.Second, 24 * time.Hour: time.Minute, -time.Hour: 5 * time.Second,
	} {
		var conditions []metav1.Condition
		verdict.Set(&conditions, v1alpha1.ConditionReady, false, "x", "", 1, now.Add(-since))
		if got := verdict.Again(conditions, now, 5*time.Second, time.Minute); got != want {
			t.Errorf("after %v: %v, want %v", since, got, want)
		}
	}
	if got := verdict.Again(nil, now, time.Second, time.Minute); got != time.Second {
		t.Errorf("never seen: %v", got)
	}
}
