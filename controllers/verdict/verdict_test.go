package verdict_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/controllers/verdict"
)

func TestConditionsFollowTheVerdict(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	cases := map[string]struct {
		verdicts []verdict.Verdict
		want     map[string]metav1.ConditionStatus
		since    time.Time
	}{
		"ready alone":                     {[]verdict.Verdict{{State: verdict.Ready, Reason: "A"}}, map[string]metav1.ConditionStatus{"Ready": "True"}, early},
		"reconciling is not ready":        {[]verdict.Verdict{{State: verdict.Reconciling, Reason: "A"}}, map[string]metav1.ConditionStatus{"Ready": "False", "Reconciling": "True"}, early},
		"stalled replaces reconciling":    {[]verdict.Verdict{{State: verdict.Reconciling, Reason: "A"}, {State: verdict.Stalled, Reason: "B"}}, map[string]metav1.ConditionStatus{"Ready": "False", "Stalled": "True"}, early},
		"resting has no ready":            {[]verdict.Verdict{{State: verdict.Reconciling, Reason: "A"}, {State: verdict.Resting, Reason: "B"}}, map[string]metav1.ConditionStatus{"Suspended": "True"}, late},
		"going on ends resting":           {[]verdict.Verdict{{State: verdict.Resting, Reason: "A"}, {State: verdict.Reconciling, Reason: "B"}}, map[string]metav1.ConditionStatus{"Ready": "False", "Reconciling": "True"}, late},
		"becoming ready moves the time":   {[]verdict.Verdict{{State: verdict.Stalled, Reason: "A"}, {State: verdict.Ready, Reason: "B"}}, map[string]metav1.ConditionStatus{"Ready": "True"}, late},
		"staying ready keeps the time":    {[]verdict.Verdict{{State: verdict.Ready, Reason: "A"}, {State: verdict.Ready, Reason: "B"}}, map[string]metav1.ConditionStatus{"Ready": "True"}, early},
		"another reason is no transition": {[]verdict.Verdict{{State: verdict.Stalled, Reason: "A"}, {State: verdict.Reconciling, Reason: "B"}}, map[string]metav1.ConditionStatus{"Ready": "False", "Reconciling": "True"}, early},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var conditions []metav1.Condition
			for i, v := range c.verdicts {
				v.Apply(&conditions, 1, []time.Time{early, late}[i])
			}
			got := map[string]metav1.ConditionStatus{}
			for _, k := range conditions {
				got[k.Type] = k.Status
				if k.Type == "Ready" && !k.LastTransitionTime.Time.Equal(c.since) {
					t.Errorf("Ready since %v, want %v", k.LastTransitionTime, c.since)
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for k, v := range c.want {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
		})
	}
}
