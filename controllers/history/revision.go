package history

import (
	"cmp"
	"encoding/json"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// AnnotationOutcome is the annotation on a ControllerRevision that says what became of a version that came to nothing: a reason, a colon and a
// message. The hash of the plan is in render.AnnotationPlanHash.
const AnnotationOutcome = "millrace.dev/outcome"

// document is what a ControllerRevision holds.
type document struct {
	Spec json.RawMessage `json:"spec"`
}

// Revision returns the ControllerRevision of a version of a job. Its number is yet to be given.
func Revision(job *v1alpha1.StreamJob, v Version, planHash string) (*appsv1.ControllerRevision, error) {
	name, err := v.Name(job.Name, job.UID)
	if err != nil {
		return nil, err
	}
	spec, err := v.Spec()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(document{spec})
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode a version")
	}
	return &appsv1.ControllerRevision{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ControllerRevision"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: job.Namespace, Name: name,
			Labels:          map[string]string{render.LabelJob: job.Name},
			Annotations:     map[string]string{render.AnnotationPlanHash: planHash},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(job, v1alpha1.GroupVersion.WithKind("StreamJob"))},
		},
		Data: runtime.RawExtension{Raw: text},
	}, nil
}

// Read returns the version that a ControllerRevision holds.
func Read(revision *appsv1.ControllerRevision) (Version, error) {
	var d document
	if err := json.Unmarshal(revision.Data.Raw, &d); err != nil || len(d.Spec) == 0 {
		return Version{}, fault.New(fault.Corrupt, fault.Place{}, "ControllerRevision %s holds no version of a StreamJob", revision.Name)
	}
	spec, err := decode(d.Spec)
	return Version{spec}, err
}

// Mine returns those of the revisions that are a job's, the oldest first.
func Mine(job *v1alpha1.StreamJob, revisions []appsv1.ControllerRevision) []*appsv1.ControllerRevision {
	var mine []*appsv1.ControllerRevision
	for i := range revisions {
		if metav1.IsControlledBy(&revisions[i], job) { // StatefulSets have theirs, with the same labels
			mine = append(mine, &revisions[i])
		}
	}
	slices.SortFunc(mine, func(a, b *appsv1.ControllerRevision) int {
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Name, b.Name))
	})
	return mine
}
