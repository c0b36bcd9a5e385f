package cluster

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/history"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// planDigits is how much of a plan's hash a table shows.
const planDigits = 12

// HistoryOptions says what of a job's versions to show.
type HistoryOptions struct {
	// Job is the job's name, and Revision the number of the version to show; 0 lists all.
	Job      string
	Revision int64
	// Diff shows what the version changed in the one before it, in place of the version.
	Diff bool
	// Layout is Table for people; JSON and YAML print the ControllerRevisions.
	Layout Layout
	// Now is the time to tell ages by.
	Now time.Time
	// Stdout takes the result.
	Stdout io.Writer
}

// recorded is a version that the operator has recorded.
type recorded struct {
	*appsv1.ControllerRevision
	version history.Version
}

func revisionKind() kind {
	return kind{appsv1.SchemeGroupVersion.WithResource("controllerrevisions"), "ControllerRevision"}
}

// History lists the versions of a job, or shows one.
func (c *Cluster) History(ctx context.Context, o HistoryOptions) error {
	if err := o.Layout.check(Table, JSON, YAML); err != nil {
		return err
	}
	job, err := c.Job(ctx, o.Job)
	if err != nil {
		return err
	}
	list, err := c.revisions(ctx, job)
	if err != nil {
		return err
	}
	if o.Revision == 0 {
		return tabulateRevisions(&o, job, list)
	}
	at, err := find(job, list, o.Revision)
	if err != nil {
		return err
	}
	switch {
	case o.Layout != Table:
		return o.Layout.print(o.Stdout, list[at].ControllerRevision)
	case o.Diff:
		return showChange(o.Stdout, list, at)
	default:
		return showRevision(o.Stdout, job, list[at])
	}
}

// revisions reads the versions of a job, the oldest first.
func (c *Cluster) revisions(ctx context.Context, job *v1alpha1.StreamJob) ([]recorded, error) {
	items, err := c.list(ctx, revisionKind(), c.Namespace, metav1.ListOptions{LabelSelector: render.LabelJob + "=" + job.Name})
	if err != nil {
		return nil, err
	}
	all := make([]appsv1.ControllerRevision, 0, len(items))
	for i := range items {
		items[i].SetManagedFields(nil)
		r, err := typed[appsv1.ControllerRevision](&items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, *r)
	}
	mine := history.Mine(job, all)
	list := make([]recorded, 0, len(mine))
	for _, r := range mine {
		v, err := history.Read(r)
		if err != nil {
			return nil, err
		}
		list = append(list, recorded{r, v})
	}
	return list, nil
}

// find returns where in the list the version of a number is.
func find(job *v1alpha1.StreamJob, list []recorded, number int64) (int, error) {
	numbers := make([]string, 0, len(list))
	for i, r := range list {
		if r.Revision == number {
			return i, nil
		}
		numbers = append(numbers, strconv.FormatInt(r.Revision, 10))
	}
	known := "it has none yet"
	if len(numbers) > 0 {
		known = "it has " + strings.Join(numbers, ", ")
	}
	return 0, fault.New(fault.User, fault.Place{}, "StreamJob %s/%s has no revision %d: %s", job.Namespace, job.Name, number, known).
		Do("millrace history %s lists them; spec.revisionHistoryLimit says how many are kept", job.Name)
}

func tabulateRevisions(o *HistoryOptions, job *v1alpha1.StreamJob, list []recorded) error {
	if o.Layout != Table {
		items := make([]any, 0, len(list))
		for _, r := range list {
			items = append(items, r.ControllerRevision)
		}
		return o.Layout.print(o.Stdout, map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	}
	t := newTable(o.Stdout, "REVISION", "AGE", "PLAN", "CHANGED", "OUTCOME")
	for i, r := range list {
		changed := ""
		if i > 0 {
			changed = strings.Join(r.version.Differences(list[i-1].version), ", ")
		}
		plan := r.Annotations[render.AnnotationPlanHash]
		outcome, _, _ := strings.Cut(outcomeOf(job, r), ":")
		t.row(strconv.FormatInt(r.Revision, 10), since(o.Now, r.CreationTimestamp.Time), plan[:min(planDigits, len(plan))], changed, outcome)
	}
	return t.Flush()
}

// outcomeOf says what became of a version: a word, and after a colon why.
func outcomeOf(job *v1alpha1.StreamJob, r recorded) string {
	s := &job.Status
	switch outcome := r.Annotations[history.AnnotationOutcome]; {
	case outcome != "":
		return outcome
	case s.Suspended != nil && s.Runtime != nil && r.Name == s.Runtime.Revision:
		return "Suspended"
	case s.Held != nil && s.Runtime != nil && r.Name == s.Runtime.Revision:
		return "Held"
	case r.Name == s.CurrentRevision:
		return "Runs"
	case r.Name == s.UpdateRevision:
		return "Begins"
	default:
		return "Replaced"
	}
}

// text is a version as YAML.
func (r recorded) text() (string, error) {
	spec, err := r.version.Spec()
	if err != nil {
		return "", err
	}
	lines, err := yaml.JSONToYAML(spec)
	if err != nil {
		return "", fault.Wrap(fault.Bug, err, "encode the version")
	}
	var b strings.Builder
	b.WriteString("spec:\n")
	for line := range strings.Lines(string(lines)) {
		if line != "\n" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String(), nil
}

// showRevision writes a version so that it can be read as YAML, too.
func showRevision(w io.Writer, job *v1alpha1.StreamJob, r recorded) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "# revision %d of StreamJob %s/%s, plan %s\n# %s\n%s", r.Revision, job.Namespace, job.Name,
		r.Annotations[render.AnnotationPlanHash], oneLine(outcomeOf(job, r)), text)
	return err
}

// showChange writes what a version changed in the one before it.
func showChange(w io.Writer, list []recorded, at int) error {
	before, name := "", "nothing"
	if at > 0 {
		var err error
		if before, err = list[at-1].text(); err != nil {
			return err
		}
		name = "revision " + strconv.FormatInt(list[at-1].Revision, 10)
	}
	after, err := list[at].text()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "--- %s\n+++ revision %d\n%s", name, list[at].Revision, diff(before, after))
	return err
}
