package admission

import (
	"fmt"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// reasonParallelism is the reason of a number of workers that can't be; no condition has it, since such a job is not stored.
const reasonParallelism = "InvalidParallelism"

// Scale judges a number of workers that is asked for through the scale subresource: it is held to what spec.parallelism is held to. Running
// is the plan that runs, nil where there is none or it was not found.
func (j *Judge) Scale(job *v1alpha1.StreamJob, replicas int32, topics []v1alpha1.StreamTopic, running *physical.Plan) Answer {
	var a Answer
	if Settled(job) || replicas == job.Spec.Parallelism {
		return a
	}
	if job.Status.CompletedAt != nil {
		a.complete("spec.replicas")
		return a
	}
	a.parallelism(job, replicas, "spec.replicas")
	if job.IsAuto() && !a.Refused() {
		a.warn("spec.parallelism does not count while spec.autoscaling.mode is Auto: bound the number of workers by minWorkers and maxWorkers, or set the mode to Off")
	}
	if running != nil && !a.Refused() {
		more := job.DeepCopy()
		more.Spec.Parallelism = replicas
		a.warn(envelope(more, topics, running)...)
	}
	return a
}

// parallelism holds a number of workers to the bounds that the CRD has for spec.parallelism.
func (a *Answer) parallelism(job *v1alpha1.StreamJob, workers int32, field string) {
	var err *fault.Error
	switch most := job.Spec.MaxParallelism; {
	case workers < 1:
		err = fault.New(fault.User, fault.InField(field), "a job has at least one worker, not %d", workers).Do("delete the job to end it")
	case workers > physical.MostWorkers:
		err = fault.New(fault.User, fault.InField(field), "%d workers are more than the %d that a job can have", workers, physical.MostWorkers).
			Do("ask for fewer, and give each more processors")
	case workers > most:
		err = fault.New(fault.User, fault.InField(field), "%d workers are more than spec.maxParallelism, which is %d", workers, most).
			Do("%s", fmt.Sprintf("ask for %d at most: each worker beyond would have no partition", most))
	default:
		return
	}
	a.object(lifecycle.Obstacle{Reason: reasonParallelism, Message: err.Error()}, err, field, true)
}
