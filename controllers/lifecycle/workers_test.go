package lifecycle_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
)

func scaled(mode, journal v1alpha1.AutoscalingMode, workers int32) func(*lifecycle.Observed) {
	return func(o *lifecycle.Observed) {
		o.Job.Spec.Autoscaling = &v1alpha1.Autoscaling{Mode: mode}
		o.Job.Spec.MaxParallelism = 8
		o.Job.Status.Autoscaling = &v1alpha1.AutoscalingStatus{Mode: journal, Workers: workers}
	}
}

// The spec of the world has two workers.
func TestTheAutoscalersJournalHasTheNumberInTheModeAutoAlone(t *testing.T) {
	const (
		off, advise, auto = v1alpha1.AutoscalingOff, v1alpha1.AutoscalingAdvise, v1alpha1.AutoscalingAuto
	)
	for name, c := range map[string]struct {
		mode, journal v1alpha1.AutoscalingMode
		workers, want int32
	}{
		"auto":                         {auto, auto, 1, 1},
		"off":                          {off, auto, 1, 2},
		"advise":                       {advise, advise, 1, 2},
		"a journal of the mode before": {auto, advise, 1, 2},
		"nothing decided":              {auto, auto, 0, 2},
	} {
		o := world(epoch(1), scaled(c.mode, c.journal, c.workers))
		d := lifecycle.Next(o)
		got := int32(-1)
		for _, a := range d.Actions {
			if a.Kind == lifecycle.ApplyWorkload {
				got = a.Replicas
			}
		}
		if got != c.want || d.Status.Parallelism.Desired != c.want {
			t.Errorf("%s: %d workers applied, %d desired, want %d", name, got, d.Status.Parallelism.Desired, c.want)
		}
	}
}

func TestAWorkerIsInTheJournalBeforeItExistsWhoeverAsksForIt(t *testing.T) {
	o := world(epoch(1), scaled(v1alpha1.AutoscalingAuto, v1alpha1.AutoscalingAuto, 5))
	d := lifecycle.Next(o)
	for _, a := range d.Actions {
		if a.Kind == lifecycle.ApplyWorkload {
			t.Errorf("applied %d workers, of which the fence does not know", a.Replicas)
		}
	}
	if d.Status.MaxOrdinal != 4 {
		t.Errorf("the highest ordinal is %d, want 4", d.Status.MaxOrdinal)
	}
}

// A job that is scaled to zero goes the way of one that is suspended, there and back.
func TestAJobAtZeroRestsAsASuspendedOneDoes(t *testing.T) {
	zero := func(o *lifecycle.Observed) {
		o.Job.Spec.Autoscaling.ScaleToZero = &v1alpha1.ScaleToZero{}
		o.Job.Status.Autoscaling.Zero = &v1alpha1.ScaledToZero{Since: metav1.NewTime(o.Now)}
	}
	o := world(epoch(1), scaled(v1alpha1.AutoscalingAuto, v1alpha1.AutoscalingAuto, 2), zero)
	d := lifecycle.Next(o)
	if d.Status.Attempt == nil || d.Status.Attempt.Kind != v1alpha1.AttemptSuspend {
		t.Fatalf("no stop: %+v", d.Status)
	}
	o.Job.Status = d.Status
	o.Workloads, o.Pods = nil, nil
	d = lifecycle.Next(o)
	if d.Status.Suspended == nil || d.Status.Attempt != nil {
		t.Fatalf("no rest: %+v", d.Status)
	}
	o.Job.Status = d.Status
	if d = lifecycle.Next(o); d.Status.Phase != v1alpha1.PhaseSuspended || d.Status.Attempt != nil || d.Status.Parallelism.Desired != 0 {
		t.Fatalf("it does not stay: %+v", d.Status)
	}
	o.Job.Status.Autoscaling.Zero = nil
	if d = lifecycle.Next(o); d.Status.Attempt == nil || d.Status.Attempt.Kind != v1alpha1.AttemptResume {
		t.Errorf("it does not go on: %+v", d.Status)
	}
}
