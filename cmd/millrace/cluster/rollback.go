package cluster

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/history"
	"github.com/millrace/millrace/runtime/fault"
)

// RollbackOptions says to which version a job goes back.
type RollbackOptions struct {
	// Job is the job's name, and Revision the number of the version; 0 is the last one that ran before the one that the spec asks for.
	Job      string
	Revision int64
	// DryRun only asks the API server what it makes of it.
	DryRun bool
	// Stdout takes the result, and Stderr what the API server says of it, the state among it.
	Stdout, Stderr io.Writer
}

// Rollback makes a job's spec that of a version that ran before, by the way of every other change: what does not carry the state over is refused.
// How many workers there are, and whether the job is suspended, stays.
func (c *Cluster) Rollback(ctx context.Context, o RollbackOptions) error {
	job, err := c.Job(ctx, o.Job)
	if err != nil {
		return err
	}
	list, err := c.revisions(ctx, job)
	if err != nil {
		return err
	}
	now, err := history.Of(&job.Spec)
	if err != nil {
		return err
	}
	at, err := target(job, list, now, o.Revision)
	if err != nil {
		return err
	}
	to, what := list[at], "streamjob.millrace.dev/"+job.Name
	patch := to.version.Patch(now)
	if patch == nil {
		_, err := fmt.Fprintf(o.Stdout, "%s asks for revision %d already\n", what, to.Revision)
		return err
	}
	changed := strings.Join(to.version.Differences(now), ", ")
	warn := func(text string) { _, _ = fmt.Fprintln(o.Stderr, "Warning:", text) }
	if _, err := c.patch(ctx, o.Job, patch, true, warn); err != nil { // it says first what becomes of the state
		return err
	}
	if o.DryRun {
		_, err := fmt.Fprintf(o.Stdout, "%s rolled back to revision %d: %s (server dry run)\n", what, to.Revision, changed)
		return err
	}
	if _, err := c.patch(ctx, o.Job, patch, false, func(string) {}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Stdout, "%s rolled back to revision %d: %s\n", what, to.Revision, changed)
	return err
}

// target finds the version to go back to.
func target(job *v1alpha1.StreamJob, list []recorded, now history.Version, number int64) (int, error) {
	if number != 0 {
		return find(job, list, number)
	}
	for i, r := range slices.Backward(list) {
		if r.Annotations[history.AnnotationOutcome] == "" && len(r.version.Differences(now)) > 0 {
			return i, nil
		}
	}
	return 0, fault.New(fault.User, fault.Place{}, "StreamJob %s/%s has no version to go back to: no other one has run, or none is kept", job.Namespace, job.Name).
		Do("millrace history %s lists those there are; spec.revisionHistoryLimit says how many are kept", job.Name)
}
