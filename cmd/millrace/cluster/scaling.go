package cluster

import (
	"cmp"

	"github.com/millrace/millrace/api/v1alpha1"
)

// wanted is how many workers a job is to have: the autoscaler's number where it decides, else that of the spec.
func wanted(job *v1alpha1.StreamJob) int32 {
	a := job.Status.Autoscaling
	switch {
	case job.Status.CompletedAt != nil:
		return 0
	case !job.IsAuto() || a == nil || a.Mode != v1alpha1.AutoscalingAuto:
		return job.Spec.Parallelism
	case a.Zero != nil:
		return 0
	default:
		return a.Workers
	}
}

// showScaling writes what the autoscaler has decided.
func showScaling(o *StatusOptions, t table, job *v1alpha1.StreamJob) {
	a := job.Status.Autoscaling
	if a == nil {
		return
	}
	t.field("Autoscaling", "%s: %s, %d recommended", a.Mode, cmp.Or(a.Reason, none), a.Recommendation)
	if a.Message != "" {
		t.field("", "%s", oneLine(a.Message))
	}
	const last = 3
	for _, d := range a.History[max(0, len(a.History)-last):] {
		t.field("Scaled", "%d to %d workers, %s ago: %s", d.From, d.To, since(o.Now, d.At.Time), d.Reason)
	}
}
