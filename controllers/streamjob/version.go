package streamjob

import (
	"context"
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/history"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/object"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// Revisions are read past the cache, and only where one is to be recorded: nothing watches them.
//+kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=list;create;patch;delete

// observeVersion names the version that the spec asks for.
func (p *pass) observeVersion(context.Context) error {
	var err error
	if p.version, err = history.Of(&p.job.Spec); err != nil {
		return err
	}
	p.observed.Version, err = p.version.Name(p.job.Name, p.job.UID)
	return err
}

func (p *pass) doVersion(ctx context.Context, a lifecycle.Action) error {
	if a.Kind == lifecycle.EndVersion {
		return p.endVersion(ctx, a)
	}
	return p.recordVersion(ctx, a)
}

// recordVersion makes the version that the spec asks for the newest one.
func (p *pass) recordVersion(ctx context.Context, a lifecycle.Action) error {
	want, err := history.Revision(p.job, p.version, a.PlanHash)
	if err != nil {
		return err
	}
	var list appsv1.ControllerRevisionList
	if err := p.Reader.List(ctx, &list, client.InNamespace(p.job.Namespace), client.MatchingLabels{render.LabelJob: p.job.Name}); err != nil {
		return err
	}
	w := history.Record(history.Mine(p.job, list.Items), want, p.job.Spec.RevisionHistoryLimit, liveRevisions(&p.job.Status))
	if w.Create != nil {
		err := p.Client.Create(ctx, w.Create, client.FieldOwner(object.FieldOwner))
		if apierrors.IsAlreadyExists(err) { // and was not listed, so it is not this job's
			return fault.New(fault.User, fault.Place{}, "ControllerRevision %s exists and is not this job's", want.Name).Do("delete it")
		}
		if err != nil {
			return err
		}
	}
	if w.Renumber > 0 {
		annotations := map[string]any{render.AnnotationPlanHash: a.PlanHash, history.AnnotationOutcome: nil}
		if err := p.patchRevision(ctx, want.Name, map[string]any{"revision": w.Renumber, "metadata": map[string]any{"annotations": annotations}}); err != nil {
			return err
		}
	}
	for _, name := range w.Delete {
		if err := client.IgnoreNotFound(p.Client.Delete(ctx, p.revision(name))); err != nil {
			return err
		}
	}
	return nil
}

// endVersion notes what became of a version. One whose revision somebody deleted is nothing to note anything on.
func (p *pass) endVersion(ctx context.Context, a lifecycle.Action) error {
	annotations := map[string]any{history.AnnotationOutcome: a.Outcome}
	return client.IgnoreNotFound(p.patchRevision(ctx, a.Version, map[string]any{"metadata": map[string]any{"annotations": annotations}}))
}

func (p *pass) patchRevision(ctx context.Context, name string, patch map[string]any) error {
	text, err := json.Marshal(patch)
	if err != nil {
		return fault.Wrap(fault.Bug, err, "encode a patch")
	}
	return p.Client.Patch(ctx, p.revision(name), client.RawPatch(types.MergePatchType, text), client.FieldOwner(object.FieldOwner))
}

func (p *pass) revision(name string) *appsv1.ControllerRevision {
	return &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: p.job.Namespace, Name: name}}
}

// liveRevisions names the revisions that run, or may run again without anybody asking for it.
func liveRevisions(s *v1alpha1.StreamJobStatus) []string {
	live := []string{s.CurrentRevision, s.UpdateRevision}
	runtimes := []*v1alpha1.RuntimeStatus{s.Runtime}
	if s.Attempt != nil {
		runtimes = append(runtimes, &s.Attempt.Runtime)
	}
	if s.Trial != nil {
		runtimes = append(runtimes, &s.Trial.Runtime)
	}
	if s.Probation != nil {
		runtimes = append(runtimes, s.Probation.Runtime)
	}
	for _, r := range runtimes {
		if r != nil {
			live = append(live, r.Revision)
		}
	}
	return live
}
