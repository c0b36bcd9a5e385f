package history

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/millrace/millrace/controllers/render"
)

// defaultLimit is that of the API, for a job that was made before the field.
const defaultLimit = 10

// Writes is what is to be done so that a version is the newest one; the zero value is nothing.
type Writes struct {
	// Create is the revision to make; nil when it is there.
	Create *appsv1.ControllerRevision
	// Renumber is the number that the version's revision gets, 0 where it stays. What was said of it before is taken off.
	Renumber int64
	// Delete names the revisions that are too many.
	Delete []string
}

// Record says how a version becomes the newest of those that a job has, which are sorted: one that is there already, with the same plan, is
// only numbered anew. Beyond limit (nil is the API's default) the oldest go, but those named in live, which run or may run again.
func Record(have []*appsv1.ControllerRevision, want *appsv1.ControllerRevision, limit *int32, live []string) Writes {
	var w Writes
	newest, most := int64(0), defaultLimit
	if len(have) > 0 {
		newest = have[len(have)-1].Revision
	}
	if limit != nil {
		most = int(*limit)
	}
	at := slices.IndexFunc(have, func(r *appsv1.ControllerRevision) bool { return r.Name == want.Name })
	switch {
	case at < 0:
		w.Create = want.DeepCopy()
		w.Create.Revision = newest + 1
	case have[at].Revision != newest:
		w.Renumber = newest + 1
	case have[at].Annotations[AnnotationOutcome] != "" || have[at].Annotations[render.AnnotationPlanHash] != want.Annotations[render.AnnotationPlanHash]:
		w.Renumber = newest
	}
	former := slices.DeleteFunc(slices.Clone(have), func(r *appsv1.ControllerRevision) bool { return r.Name == want.Name })
	for _, r := range former {
		if len(former)-len(w.Delete) > most && !slices.Contains(live, r.Name) {
			w.Delete = append(w.Delete, r.Name)
		}
	}
	return w
}
