package streamjob

import (
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/autoscale"
)

// policyOf is what the spec wants at a time, in the autoscaler's terms. An error is about a schedule, and the policy is the one without any.
func policyOf(job *v1alpha1.StreamJob, now time.Time) (autoscale.Policy, error) {
	const mostWorkers, percent, usual = 64, 100, 70
	spec := job.Spec.Autoscaling
	most := min(job.Spec.MaxParallelism, mostWorkers)
	if spec.MaxWorkers != nil {
		most = min(*spec.MaxWorkers, most)
	}
	target := spec.TargetUtilization
	if target == 0 { // of an object that was made before the field
		target = usual
	}
	p := autoscale.Policy{
		Min: int(max(1, min(spec.MinWorkers, most))), Max: int(most), Target: float64(target) / percent,
		LagObjective: spec.LagObjective.Duration, CatchUp: spec.CatchUp.Duration, ScaleDownDelay: spec.ScaleDownDelay.Duration,
	}
	if spec.ScaleToZero != nil && spec.Mode == v1alpha1.AutoscalingAuto {
		p.ZeroAfter = spec.ScaleToZero.After.Duration
	}
	schedules := make([]autoscale.Schedule, 0, len(spec.Schedules))
	for _, s := range spec.Schedules {
		schedules = append(schedules, autoscale.Schedule{Start: s.Start, End: s.End, Zone: s.TimeZone, Min: int(s.MinWorkers)})
	}
	floor, err := autoscale.Floor(now, schedules)
	if floor > 0 {
		p.Min, p.ZeroAfter = min(max(p.Min, floor), p.Max), 0
	}
	return p, err
}

// invalid is the decision about a job with a schedule that can't be read: none.
func invalid(a *v1alpha1.AutoscalingStatus, err error) *autoscale.Decision {
	message := "spec.autoscaling." + err.Error() + ": the number of workers stays"
	return &autoscale.Decision{
		Workers: int(a.Workers), Recommended: int(a.Workers), Reason: autoscale.InvalidSchedule, Message: message, History: historyOf(a),
		Conditions: []autoscale.Condition{{Aspect: autoscale.ScalingActive, Reason: autoscale.InvalidSchedule, Message: message}},
	}
}
