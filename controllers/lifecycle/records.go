package lifecycle

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Records are what is known of savepoints as objects.
type Records struct {
	// List is the job's StreamSavepoints, in no order.
	List []v1alpha1.StreamSavepoint
	// Restore is the one that spec.restoreFrom names; nil where there is none. It is looked for before the first start.
	Restore *v1alpha1.StreamSavepoint
}

// NewRecord is a StreamSavepoint that is to be.
type NewRecord struct {
	// Name is its name: to make it again makes no second one.
	Name   string
	Origin v1alpha1.SavepointOrigin
	// Policy is its deletion policy.
	Policy v1alpha1.DeletionPolicy
	// Existing is a savepoint that is there already; nil asks the job for one.
	Existing *v1alpha1.ExistingSavepoint
}

// record keeps the savepoint that the job has stopped at, for an attempt. The action comes before the attempt goes on, so none is forgotten.
func record(o *Observed, a *v1alpha1.Attempt, sp *Savepoint) Action {
	at := metav1.NewTime(o.Now.Truncate(time.Second))
	origin := v1alpha1.OriginUpgrade
	switch a.Kind {
	case v1alpha1.AttemptSuspend:
		origin = v1alpha1.OriginSuspension
	case v1alpha1.AttemptDelete:
		origin = v1alpha1.OriginDeletion
	default:
	}
	policy := v1alpha1.DeletionRetain
	if s := o.Job.Spec.Savepoints; s != nil && s.Retention != nil {
		policy = v1alpha1.DeletionDelete
	}
	existing := &v1alpha1.ExistingSavepoint{ID: a.Savepoint, Job: o.Job.Status.Prefix, Epoch: o.Job.Status.Epoch, CompletedAt: &at}
	if s := o.Job.Spec.Savepoints; s != nil {
		existing.URL = s.URL
	}
	if sp.Bytes > 0 || sp.Rows > 0 {
		existing.Rows, existing.Bytes = &sp.Rows, &sp.Bytes
	}
	name := o.Job.Name + "-" + strings.ToLower(strings.TrimPrefix(a.Savepoint, "sp-"))
	return Action{Kind: KeepRecord, ID: a.Savepoint, Record: &NewRecord{Name: name, Origin: origin, Policy: policy, Existing: existing}}
}

// Needs says whether a job can't do without a savepoint, by the name of its StreamSavepoint and its id: the job is to begin from it, and has
// committed nothing since.
func Needs(job *v1alpha1.StreamJob, name, id string) bool {
	if job == nil || id == "" {
		return false
	}
	s := &job.Status
	switch {
	case s.Suspended != nil && s.Suspended.Savepoint == id, s.Trial != nil && s.Trial.Outcome == "" && s.Trial.Savepoint == name:
		return true
	case s.Attempt != nil && (s.Attempt.Savepoint == id || s.Attempt.Runtime.RestoreFrom == id):
		return true
	case s.Probation != nil && s.Runtime != nil && s.Runtime.RestoreFrom == id:
		return true
	default:
		return s.Epoch == 0 && (job.Spec.RestoreFrom == id || job.Spec.RestoreFrom == v1alpha1.SavepointNamePrefix+name)
	}
}

// beginsAt is the savepoint that the first start begins from, by spec.restoreFrom; empty where it begins empty. The obstacle is why it can't, yet.
func beginsAt(o *Observed) (id string, unfit Obstacle) {
	name, named := strings.CutPrefix(o.Job.Spec.RestoreFrom, v1alpha1.SavepointNamePrefix)
	if !named {
		return o.Job.Spec.RestoreFrom, Obstacle{}
	}
	because := func(reason, what string, waiting bool) (string, Obstacle) {
		return "", Obstacle{Reason: reason, Message: "spec.restoreFrom: the StreamSavepoint " + name + " " + what, Waiting: waiting}
	}
	r := o.Records.Restore
	switch {
	case r == nil:
		return because(v1alpha1.ReasonSavepointMissing, "is not there, and is waited for", true)
	case !r.DeletionTimestamp.IsZero() || r.Status.Phase == v1alpha1.SavepointDeleting:
		return because(v1alpha1.ReasonSavepointUnfit, "is being deleted: name another one", false)
	case r.Status.Phase == v1alpha1.SavepointFailed:
		return because(v1alpha1.ReasonSavepointUnfit, "has failed: name another one", false)
	case r.Status.Phase != v1alpha1.SavepointCompleted:
		return because(v1alpha1.ReasonSavepointMissing, "is not completed yet, and is waited for", true)
	case r.Status.Job != o.Job.Status.Prefix && r.Status.Job != o.Prefix:
		return because(v1alpha1.ReasonSavepointUnfit, "is of the job "+r.Status.Job+", and this one is "+o.Prefix+": a job begins from a savepoint of its own name alone", false)
	case o.Job.Spec.Savepoints == nil || r.Status.URL != o.Job.Spec.Savepoints.URL:
		return because(v1alpha1.ReasonSavepointUnfit, "is in another store than the job's: set spec.savepoints.url to "+r.Status.URL, false)
	default:
		return r.Status.ID, Obstacle{}
	}
}
