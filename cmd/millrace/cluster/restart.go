package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

// annotationRestartedAt is what a restart changes in spec.template: with it the pods are others.
const annotationRestartedAt = "millrace.dev/restarted-at"

// Restart has a job's workers replaced one by one, by those that the operator at hand makes: its image, where the spec names no version, and its pods.
func (c *Cluster) Restart(ctx context.Context, o SuspendOptions, now time.Time) error {
	annotations := map[string]any{annotationRestartedAt: now.UTC().Format(time.RFC3339)}
	template := map[string]any{"template": map[string]any{"metadata": map[string]any{"annotations": annotations}}}
	job, err := c.patch(ctx, o.Job, template, false, func(text string) { _, _ = fmt.Fprintln(o.Stderr, "Warning:", text) })
	if err != nil {
		return err
	}
	what := "streamjob.millrace.dev/" + job.Name
	if o.NoWait {
		_, err := fmt.Fprintf(o.Stdout, "%s is to be restarted\n", what)
		return err
	}
	how, err := c.await(ctx, &o, job.Generation, renewed)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Stdout, "%s restarted: %s\n", what, how)
	return err
}

// renewed says that a job runs with all its workers, and these of the version that it was last given.
func renewed(job *v1alpha1.StreamJob) (string, bool) {
	s := &job.Status
	if s.Runtime == nil || s.CurrentRevision != s.UpdateRevision {
		return "", false
	}
	how, is := works(job)
	if is && s.Runtime.RenderedBy != "" {
		how += ", of version " + s.Runtime.RenderedBy
	}
	return how, is
}
