package lifecycle

import "github.com/millrace/millrace/api/v1alpha1"

// workers is the number of workers that the job should have while it runs: that of the autoscaler's journal where it decides, else that of the spec.
// A decision is in the journal before a pass that follows it. It is above 0.
func workers(o *Observed) int32 {
	a := o.Job.Status.Autoscaling
	if !o.Job.IsAuto() || a == nil || a.Mode != v1alpha1.AutoscalingAuto || a.Workers < 1 {
		return o.Job.Spec.Parallelism
	}
	if most := o.Job.Spec.MaxParallelism; most > 0 {
		return min(a.Workers, most)
	}
	return a.Workers
}

// rests says whether the job is to be without workers: as the spec says, or because the autoscaler has found that nothing arrives.
func rests(o *Observed) bool { return o.Job.Spec.Suspend || AtZero(o.Job) }

// AtZero says whether the autoscaler has decided that a job is to be without workers.
func AtZero(job *v1alpha1.StreamJob) bool {
	a := job.Status.Autoscaling
	return job.IsAuto() && job.Spec.Autoscaling.ScaleToZero != nil && a != nil && a.Mode == v1alpha1.AutoscalingAuto && a.Zero != nil
}
