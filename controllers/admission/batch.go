package admission

import (
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// batch holds the changes of a batch job to what can still count: none once it is complete, and none of its query once it has begun.
func (a *Answer) batch(now, old *v1alpha1.StreamJob) {
	if old == nil || !old.IsBatch() {
		return
	}
	if old.Status.CompletedAt != nil {
		if !equality.Semantic.DeepEqual(counts(&now.Spec), counts(&old.Spec)) {
			a.complete("spec")
		}
		return
	}
	if epoch, _ := render.StoredPlan(old); epoch == 0 {
		return
	}
	for _, c := range []struct {
		field   string
		changed bool
	}{
		{"spec.sql", now.Spec.SQL != old.Spec.SQL},
		{"spec.delivery", now.Spec.Delivery != old.Spec.Delivery},
		{"spec.badRows", now.Spec.BadRows != old.Spec.BadRows},
	} {
		if c.changed {
			a.refuse(v1alpha1.ReasonBatchBegun, c.field, "a batch job that has begun is not changed on its way", "take the change back, or make a StreamJob of another name")
		}
	}
}

// complete refuses a change of a job that is complete.
func (a *Answer) complete(field string) {
	a.refuse(v1alpha1.ReasonCompleted, field, "the batch job is complete, and its spec counts no more",
		"make a StreamJob of another name, or delete this one and make it again; deletion, ttlSecondsAfterFinished and revisionHistoryLimit may be changed")
}

func (a *Answer) refuse(reason, field, what, remedy string) {
	err := fault.New(fault.User, fault.InField(field), "%s", what).Do("%s", remedy)
	a.object(lifecycle.Obstacle{Reason: reason, Message: err.Error()}, err, field, true)
}

// counts is a spec without what may be changed of a job that is complete.
func counts(spec *v1alpha1.StreamJobSpec) *v1alpha1.StreamJobSpec {
	rest := spec.DeepCopy()
	rest.Deletion, rest.TTLSecondsAfterFinished, rest.RevisionHistoryLimit = v1alpha1.Deletion{}, nil, nil
	return rest
}
