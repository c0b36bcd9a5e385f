package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/runtime/fault"
)

// Scale asks for a number of workers, through the scale subresource, as kubectl scale does.
func (c *Cluster) Scale(ctx context.Context, name string, workers int32, w io.Writer) error {
	job, err := c.Job(ctx, name)
	if err != nil {
		return err
	}
	if workers < 1 || workers > job.Spec.MaxParallelism {
		return fault.New(fault.User, fault.Place{}, "%d workers: StreamJob %s takes 1 to %d", workers, name, job.Spec.MaxParallelism).
			Do("spec.maxParallelism is what a job can use at the most, and only a new job can have more")
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"replicas": workers}})
	if err != nil {
		return fault.Wrap(fault.Bug, err, "encode the patch")
	}
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	o, err := c.objects.Resource(jobs().GroupVersionResource).Namespace(c.Namespace).Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: fieldManager}, "scale")
	if err != nil {
		return c.said(err, "patch streamjobs/scale", "StreamJob "+c.Namespace+"/"+name)
	}
	scale, err := typed[autoscalingv1.Scale](o)
	if err != nil {
		return err
	}
	if job.IsAuto() {
		_, err = fmt.Fprintf(w, "streamjob.millrace.dev/%s: spec.parallelism is %d, which does not count while spec.autoscaling.mode is Auto; bound the number by minWorkers and maxWorkers, or set the mode to Off\n",
			name, scale.Spec.Replicas)
		return err
	}
	if scale.Spec.Replicas == job.Spec.Parallelism {
		_, err = fmt.Fprintf(w, "streamjob.millrace.dev/%s has %d workers already\n", name, workers)
		return err
	}
	_, err = fmt.Fprintf(w, "streamjob.millrace.dev/%s scaled: %d workers, from %d\n", name, workers, job.Spec.Parallelism)
	return err
}
