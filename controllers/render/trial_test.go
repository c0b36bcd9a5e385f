package render_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/physical"
)

// trialOf is the trial of a job whose state is on a server, which has snapshots, sheds, and volumes.
func trialOf(change func(j *v1alpha1.StreamJob)) *render.Trial {
	job := &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Name: "j", Namespace: "ns", UID: "u"}}
	job.Spec.Savepoints = &v1alpha1.Savepoints{URL: "s3://b/p"}
	job.Spec.State.Backend = v1alpha1.StatePebble
	job.Spec.State.Snapshots = &v1alpha1.Snapshots{URL: "s3://b/s"}
	job.Spec.State.Storage = &v1alpha1.Storage{Size: resource.MustParse("3Gi")}
	if change != nil {
		change(job)
	}
	return &render.Trial{
		Workload: render.Workload{Job: job, Prefix: "c.ns.j", Epoch: 2, StateEpoch: 0, Image: "w:2", RestoreFrom: "sp", DropRemoved: true},
		ID:       "aaaaaa", Rows: 100, Timeout: time.Minute,
	}
}

func TestATrialIsOneWorkerThatIsNoneOfTheJobs(t *testing.T) {
	work, err := trialOf(nil).Work()
	if err != nil {
		t.Fatal(err)
	}
	pod := work.Spec.Template
	if pod.Labels[render.LabelJob] != "" || pod.Labels[render.LabelEpoch] != "" || pod.Labels[render.LabelTrial] != "j" || work.Labels[render.LabelJob] != "" {
		t.Errorf("its labels are %v and %v", work.Labels, pod.Labels)
	}
	if pod.Spec.RestartPolicy != corev1.RestartPolicyNever || *work.Spec.BackoffLimit != 0 || len(pod.Spec.Containers) != 1 {
		t.Errorf("it is begun more than once: %+v", work.Spec)
	}
	c := pod.Spec.Containers[0]
	for _, want := range []string{
		"--prefix=c.ns.j", "--epoch=2", "--state-epoch=2", "--ordinal=0", "--restore-from=sp", "--drop-removed-state", "--trial=aaaaaa", "--trial-rows=100", "--trial-for=15s", "--state-backend=pebble",
	} {
		if !slices.Contains(c.Args, want) {
			t.Errorf("%s is missing in %v", want, c.Args)
		}
	}
	for _, arg := range c.Args {
		if name, _, _ := strings.Cut(arg, "="); slices.Contains([]string{"--pod-name", "--restore-exactly", "--snapshots", "--snapshot-interval", "--shed-lag-records"}, name) {
			t.Errorf("it has %s", arg)
		}
	}
}

func TestATrialHasItsPlanAndAVolumeOfItsOwn(t *testing.T) {
	work, err := trialOf(nil).Work()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range work.Spec.Template.Spec.Volumes {
		switch v.Name {
		case "plan":
			if v.ConfigMap.Name != "j-trial-aaaaaa" {
				t.Errorf("its plan is in %s", v.ConfigMap.Name)
			}
		case "state":
			if v.Ephemeral == nil || v.Ephemeral.VolumeClaimTemplate.Spec.Resources.Requests.Storage().String() != "3Gi" {
				t.Errorf("its state is on %+v", v)
			}
		}
	}
	plan, err := trialOf(nil).Plan(&physical.Plan{Hash: "h"})
	if err != nil || plan.Name != "j-trial-aaaaaa" || plan.Labels[render.LabelJob] != "" || plan.Labels[render.LabelEpoch] != "" {
		t.Errorf("its plan is %+v, %v", plan, err)
	}
}

func TestATrialsStateIsNotOnTheJobsServer(t *testing.T) {
	work, err := trialOf(func(j *v1alpha1.StreamJob) {
		j.Spec.State = v1alpha1.State{Backend: v1alpha1.StateRedis, Redis: &v1alpha1.RedisState{URL: "rediss://h:1"}}
	}).Work()
	if err != nil {
		t.Fatal(err)
	}
	args := work.Spec.Template.Spec.Containers[0].Args
	if !slices.Contains(args, "--state-backend=pebble") || slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--state-url") }) {
		t.Errorf("%v", args)
	}
}
