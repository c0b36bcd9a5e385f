package cluster

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
)

// lookEvery is how often it is looked how far a job is that is waited for.
const lookEvery = 500 * time.Millisecond

// SuspendOptions says which job is to stop, or to go on, and whether to wait for it.
type SuspendOptions struct {
	// Job is the job's name.
	Job string
	// NoWait leaves as soon as the operator has been asked; else it is waited until the job rests or runs, Timeout at the most. What was asked for
	// goes on when the time is over.
	NoWait  bool
	Timeout time.Duration
	// Stdout takes the result, and Stderr how far it is.
	Stdout, Stderr io.Writer
}

// Suspend stops a job, by a savepoint where it has state and a place for one.
func (c *Cluster) Suspend(ctx context.Context, o SuspendOptions) error {
	return c.setSuspend(ctx, &o, true, "suspended", rests)
}

// Resume lets a job go on that was suspended, or is held: that tries again as it is.
func (c *Cluster) Resume(ctx context.Context, o SuspendOptions) error {
	return c.setSuspend(ctx, &o, false, "resumed", works)
}

// setSuspend asks for a change and waits until what the operator has seen of it is there.
func (c *Cluster) setSuspend(ctx context.Context, o *SuspendOptions, suspend bool, verb string, there func(*v1alpha1.StreamJob) (string, bool)) error {
	job, err := c.Job(ctx, o.Job)
	if err != nil {
		return err
	}
	what := "streamjob.millrace.dev/" + job.Name
	warn := func(text string) { _, _ = fmt.Fprintln(o.Stderr, "Warning:", text) }
	switch {
	case job.Spec.Suspend == suspend && !suspend && job.Status.Held != nil:
		if job, err = c.annotate(ctx, o.Job, v1alpha1.AnnotationHeld, v1alpha1.HeldTryAgain, warn); err != nil {
			return err
		}
	case job.Spec.Suspend == suspend:
		if how, is := settled(job, there); is {
			_, err := fmt.Fprintf(o.Stdout, "%s is %s already: %s\n", what, verb, how)
			return err
		}
	default:
		if job, err = c.patch(ctx, o.Job, map[string]any{"suspend": suspend}, false, warn); err != nil {
			return err
		}
	}
	if o.NoWait {
		_, err := fmt.Fprintf(o.Stdout, "%s is to be %s\n", what, verb)
		return err
	}
	how, err := c.await(ctx, o, job.Generation, there)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Stdout, "%s %s: %s\n", what, verb, how)
	return err
}

// await looks at a job until it is there, and says on the way what the operator says.
func (c *Cluster) await(ctx context.Context, o *SuspendOptions, generation int64, there func(*v1alpha1.StreamJob) (string, bool)) (string, error) {
	late := time.NewTimer(o.Timeout)
	defer late.Stop()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	said := ""
	for {
		job, err := c.Job(ctx, o.Job)
		if err != nil {
			return "", err
		}
		if how, is := settled(job, there); is {
			return how, nil
		}
		says := stands(job)
		if job.Status.ObservedGeneration >= generation && job.Annotations[v1alpha1.AnnotationHeld] == "" { // else it is about to try again
			if stalled := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionStalled); stalled != nil {
				return "", fault.New(fault.User, fault.Place{}, "StreamJob %s/%s: %s: %s", job.Namespace, job.Name, stalled.Reason, oneLine(stalled.Message))
			}
			if says != said {
				said = says
				_, _ = fmt.Fprintln(o.Stderr, says)
			}
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-late.C:
			return "", fault.New(fault.Transient, fault.Place{}, "after %s StreamJob %s/%s is not there yet: %s", o.Timeout, job.Namespace, job.Name, says).
				Do("it goes on without this command: look at millrace status %s, or wait longer by --timeout", job.Name)
		case <-ticker.C:
		}
	}
}

// stands says where a job stands, and does not repeat the phase as a reason.
func stands(job *v1alpha1.StreamJob) string {
	phase := string(job.Status.Phase) + ": "
	return phase + strings.TrimPrefix(explanation(job), phase)
}

// settled says whether the operator has seen the spec and the job is there.
func settled(job *v1alpha1.StreamJob, there func(*v1alpha1.StreamJob) (string, bool)) (string, bool) {
	if job.Status.ObservedGeneration < job.Generation {
		return "", false
	}
	return there(job)
}

// rests says that a job is suspended, and how it goes on.
func rests(job *v1alpha1.StreamJob) (string, bool) {
	s := &job.Status
	switch {
	case s.CompletedAt != nil:
		return "it is complete", true
	case s.Phase != v1alpha1.PhaseSuspended || s.Attempt != nil || s.Parallelism.Current > 0:
		return "", false
	case s.Suspended == nil:
		return "it has never run", true
	case s.Suspended.Savepoint == "":
		return "it goes on from its offsets and internal topics", true
	default:
		return "it goes on from the savepoint " + s.Suspended.Savepoint, true
	}
}

// works says that a job runs with all its workers.
func works(job *v1alpha1.StreamJob) (string, bool) {
	s := &job.Status
	if s.CompletedAt != nil {
		return "it is complete", true
	}
	if s.Phase != v1alpha1.PhaseRunning && s.Phase != v1alpha1.PhaseTrial || s.Attempt != nil || s.Suspended != nil || s.Held != nil {
		return "", false
	}
	return fmt.Sprintf("%d workers run in epoch %d", s.Parallelism.Ready, s.Epoch), true
}
