package gitops_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/test/gitops"
)

func object(t *testing.T, job *v1alpha1.StreamJob) *unstructured.Unstructured {
	t.Helper()
	job.Kind, job.APIVersion = "StreamJob", v1alpha1.GroupVersion.String()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(job)
	if err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: fields}
}

func rule(t *testing.T) *gitops.Rule {
	t.Helper()
	r, err := gitops.Load("../../config/argocd/argocd-cm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryVerdictIsSaidAlike(t *testing.T) {
	deleted := metav1.NewTime(time.Unix(1, 0))
	cases := map[string]struct {
		verdict    *verdict.Verdict
		generation int64
		deleted    *metav1.Time
		want       gitops.View
	}{
		"nobody has seen it":         {nil, 1, nil, gitops.View{KStatus: status.InProgressStatus, Argo: "Progressing"}},
		"ready":                      {&verdict.Verdict{State: verdict.Ready}, 1, nil, gitops.View{KStatus: status.CurrentStatus, Argo: "Healthy", Ready: true}},
		"ready, before it changed":   {&verdict.Verdict{State: verdict.Ready}, 2, nil, gitops.View{KStatus: status.InProgressStatus, Argo: "Progressing"}},
		"reconciling":                {&verdict.Verdict{State: verdict.Reconciling}, 1, nil, gitops.View{KStatus: status.InProgressStatus, Argo: "Progressing"}},
		"stalled":                    {&verdict.Verdict{State: verdict.Stalled}, 1, nil, gitops.View{KStatus: status.FailedStatus, Argo: "Degraded"}},
		"stalled, before it changed": {&verdict.Verdict{State: verdict.Stalled}, 2, nil, gitops.View{KStatus: status.InProgressStatus, Argo: "Progressing"}},
		"resting":                    {&verdict.Verdict{State: verdict.Resting}, 1, nil, gitops.View{KStatus: status.CurrentStatus, Argo: "Suspended"}},
		"on its way out":             {&verdict.Verdict{State: verdict.Stalled}, 1, &deleted, gitops.View{KStatus: status.TerminatingStatus, Argo: "Progressing"}},
	}
	r := rule(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			job := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Name: "j", Generation: c.generation, DeletionTimestamp: c.deleted}}
			job.Status.ObservedGeneration = -1 // as the API server makes it
			if c.verdict != nil {
				job.Status.ObservedGeneration = 1
				c.verdict.Reason, c.verdict.Message = "Why", "what to do"
				c.verdict.Apply(&job.Status.Conditions, 1, time.Unix(1, 0))
			}
			got, err := r.Look(object(t, job))
			if err != nil {
				t.Fatal(err)
			}
			if got.Message == "" {
				t.Error("the rule says no more")
			}
			if !got.Agrees() {
				t.Errorf("they differ: %s", got)
			}
			if got.Message = ""; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestWhatDiffersIsSeen(t *testing.T) {
	job := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Name: "j", Generation: 1}}
	job.Status.ObservedGeneration = 1
	verdict.Set(&job.Status.Conditions, v1alpha1.ConditionReady, true, "Ready", "it runs", 1, time.Unix(1, 0))
	verdict.Set(&job.Status.Conditions, v1alpha1.ConditionStalled, true, "Refused", "the spec is not followed", 1, time.Unix(1, 0))
	v, err := rule(t).Look(object(t, job))
	if err != nil || v.Agrees() {
		t.Errorf("%s agrees, %v", v, err)
	}
}
