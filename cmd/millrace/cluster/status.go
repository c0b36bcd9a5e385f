package cluster

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/millrace/millrace/api/v1alpha1"
)

// mostEvents is how many events the view of a job shows, the last ones.
const mostEvents = 10

// StatusOptions says what of jobs to show.
type StatusOptions struct {
	// Job is the job to show in detail; empty lists all.
	Job string
	// All lists the jobs of all namespaces.
	All bool
	// Layout is how.
	Layout Layout
	// Now is the time to tell ages by.
	Now time.Time
	// Stdout takes the result.
	Stdout io.Writer
	// Stderr takes what else there is to say.
	Stderr io.Writer
}

// Status lists jobs, or shows one in detail.
func (c *Cluster) Status(ctx context.Context, o StatusOptions) error {
	if err := o.Layout.check(Table, Wide, JSON, YAML); err != nil {
		return err
	}
	if o.Job != "" {
		return c.one(ctx, &o)
	}
	namespace := c.Namespace
	if o.All {
		namespace = ""
	}
	items, err := c.list(ctx, jobs(), namespace, metav1.ListOptions{})
	if err != nil {
		return err
	}
	if o.Layout == JSON || o.Layout == YAML {
		for i := range items {
			items[i].SetManagedFields(nil)
		}
		return o.Layout.print(o.Stdout, map[string]any{"apiVersion": "v1", "kind": "List", "items": contents(items)})
	}
	if len(items) == 0 {
		where := " in the namespace " + c.Namespace
		if o.All {
			where = ""
		}
		_, err := fmt.Fprintf(o.Stderr, "There are no StreamJobs%s.\n", where)
		return err
	}
	list := make([]*v1alpha1.StreamJob, 0, len(items))
	for i := range items {
		job, err := typed[v1alpha1.StreamJob](&items[i])
		if err != nil {
			return err
		}
		list = append(list, job)
	}
	return tabulate(&o, list)
}

func contents(items []unstructured.Unstructured) []any {
	list := make([]any, 0, len(items))
	for i := range items {
		list = append(list, items[i].Object)
	}
	return list
}

// tabulate writes a line for each job.
func tabulate(o *StatusOptions, list []*v1alpha1.StreamJob) error {
	head := []string{"NAME", "PHASE", "WORKERS", "LAG", "DELAY", "REASON", "AGE"}
	if o.All {
		head = slices.Insert(head, 0, "NAMESPACE")
	}
	if o.Layout == Wide {
		head = append(head, "EPOCH", "IMAGE", "PREFIX")
	}
	t := newTable(o.Stdout, head...)
	for _, job := range list {
		s := &job.Status
		cells := []string{job.Name, string(s.Phase), workersOf(job), lagOf(s), delayOf(s), reasonOf(s), since(o.Now, job.CreationTimestamp.Time)}
		if o.All {
			cells = slices.Insert(cells, 0, job.Namespace)
		}
		if o.Layout == Wide {
			image := ""
			if s.Runtime != nil {
				image = s.Runtime.Image
			}
			cells = append(cells, strconv.FormatInt(s.Epoch, 10), image, s.Prefix)
		}
		t.row(cells...)
	}
	return t.Flush()
}

// workersOf is how many are ready of those wanted.
func workersOf(job *v1alpha1.StreamJob) string {
	return fmt.Sprintf("%d/%d", job.Status.Parallelism.Ready, wanted(job))
}

func lagOf(s *v1alpha1.StreamJobStatus) string {
	if s.Lag == nil {
		return ""
	}
	return strconv.FormatInt(s.Lag.Records, 10)
}

func delayOf(s *v1alpha1.StreamJobStatus) string {
	if s.Watermark == nil {
		return ""
	}
	return s.Watermark.Delay.Duration.String()
}

// reasonOf is that of what keeps a job from going on, before that of what it is doing.
func reasonOf(s *v1alpha1.StreamJobStatus) string {
	if c := v1alpha1.SaysMost(s.Conditions); c != nil {
		return c.Reason
	}
	return ""
}

// one shows a job in detail.
func (c *Cluster) one(ctx context.Context, o *StatusOptions) error {
	object, err := c.get(ctx, jobs(), o.Job)
	if err != nil {
		return err
	}
	if o.Layout == JSON || o.Layout == YAML {
		object.SetManagedFields(nil)
		return o.Layout.print(o.Stdout, object.Object)
	}
	job, err := typed[v1alpha1.StreamJob](object)
	if err != nil {
		return err
	}
	pods, podsErr := c.workers(ctx, o.Job)
	events, eventsErr := c.events(ctx, object)
	for _, err := range []error{podsErr, eventsErr} {
		if err != nil { // the rest is worth showing
			_, _ = fmt.Fprintln(o.Stderr, "warning:", err)
		}
	}
	if o.Layout == Table {
		return show(o, job, pods, events)
	}
	if err := tabulate(o, []*v1alpha1.StreamJob{job}); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(o.Stdout)
	return show(o, job, pods, events)
}

// show writes all that is known of a job.
func show(o *StatusOptions, job *v1alpha1.StreamJob, pods []*corev1.Pod, events []corev1.Event) error {
	s := &job.Status
	t := newTable(o.Stdout)
	t.field("Name", "%s", job.Name)
	t.field("Namespace", "%s", job.Namespace)
	t.field("Phase", "%s (%s)", cmp.Or(string(s.Phase), none), cmp.Or(reasonOf(s), none))
	t.field("Epoch", "%d (of the state: %d)", s.Epoch, s.StateEpoch)
	t.field("Workers", "%d ready, %d there, %d wanted", s.Parallelism.Ready, s.Parallelism.Current, wanted(job))
	showScaling(o, t, job)
	if s.Runtime != nil {
		t.field("Image", "%s", s.Runtime.Image)
		t.field("Plan", "%s, format %d", s.Runtime.PlanHash, s.Runtime.PlanFormat)
	}
	t.field("On Kafka", "%s, by KafkaConnection %s", cmp.Or(s.Prefix, none), job.Spec.ConnectionRef.Name)
	showRange(o, t, job)
	if s.Lag != nil && s.CompletedAt == nil {
		t.field("Lag", "%d records, %s ago", s.Lag.Records, since(o.Now, s.Lag.ObservedAt.Time))
	}
	if s.Watermark != nil {
		t.field("Watermark", "%v behind the clock, %s ago", s.Watermark.Delay.Duration, since(o.Now, s.Watermark.ObservedAt.Time))
	}
	if a := s.Attempt; a != nil {
		t.field("Attempt", "epoch %d, %s: %s since %s", a.Epoch, a.Kind, a.Phase, since(o.Now, a.StartedAt.Time))
	}
	showTrial(o, t, s.Trial)
	showProbation(o, t, s)
	if job.Generation != s.ObservedGeneration {
		t.field("Note", "the operator has not seen this spec yet: generation %d, seen %d", job.Generation, s.ObservedGeneration)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := showConditions(o, s.Conditions); err != nil {
		return err
	}
	if err := showPods(o, pods); err != nil {
		return err
	}
	return showEvents(o, events)
}

func showConditions(o *StatusOptions, conditions []metav1.Condition) error {
	_, _ = fmt.Fprintln(o.Stdout, "\nConditions:")
	t := newTable(o.Stdout, "  TYPE", "STATUS", "REASON", "SINCE", "MESSAGE")
	for _, c := range conditions {
		t.row("  "+c.Type, string(c.Status), c.Reason, since(o.Now, c.LastTransitionTime.Time), oneLine(c.Message))
	}
	return t.Flush()
}

func showPods(o *StatusOptions, pods []*corev1.Pod) error {
	_, _ = fmt.Fprintln(o.Stdout, "\nWorkers:")
	t := newTable(o.Stdout, "  POD", "EPOCH", "READY", "STATUS", "RESTARTS", "NODE", "AGE")
	for _, pod := range pods {
		ready, restarts := "no", int32(0)
		for _, c := range pod.Status.Conditions {
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
				ready = "yes"
			}
		}
		for i := range pod.Status.ContainerStatuses {
			restarts += pod.Status.ContainerStatuses[i].RestartCount
		}
		t.row("  "+pod.Name, strconv.Itoa(epochOf(pod)), ready, stateOf(pod), strconv.Itoa(int(restarts)), pod.Spec.NodeName, since(o.Now, pod.CreationTimestamp.Time))
	}
	return t.Flush()
}

// stateOf is a pod's phase, or what keeps it from running.
func stateOf(pod *corev1.Pod) string {
	if pod.DeletionTimestamp != nil {
		return "Terminating"
	}
	for i := range pod.Status.ContainerStatuses {
		if w := pod.Status.ContainerStatuses[i].State.Waiting; w != nil && w.Reason != "" {
			return w.Reason
		}
	}
	return string(pod.Status.Phase)
}

func showEvents(o *StatusOptions, events []corev1.Event) error {
	_, _ = fmt.Fprintln(o.Stdout, "\nEvents:")
	t := newTable(o.Stdout, "  LAST SEEN", "TYPE", "REASON", "MESSAGE")
	for i := range events {
		e := &events[i]
		t.row("  "+since(o.Now, seenAt(e)), e.Type, e.Reason, oneLine(e.Message))
	}
	return t.Flush()
}

// events reads the last events of a job, the newest last.
func (c *Cluster) events(ctx context.Context, job *unstructured.Unstructured) ([]corev1.Event, error) {
	items, err := c.list(ctx, core("events", "Event"), c.Namespace, metav1.ListOptions{FieldSelector: "involvedObject.uid=" + string(job.GetUID())})
	if err != nil {
		return nil, err
	}
	list := make([]corev1.Event, 0, len(items))
	for i := range items {
		e, err := typed[corev1.Event](&items[i])
		if err != nil {
			return nil, err
		}
		list = append(list, *e)
	}
	slices.SortStableFunc(list, func(a, b corev1.Event) int { return seenAt(&a).Compare(seenAt(&b)) })
	return list[max(0, len(list)-mostEvents):], nil
}

// seenAt is when an event came last, in whichever of the API's forms it was written.
func seenAt(e *corev1.Event) time.Time {
	switch {
	case e.Series != nil && !e.Series.LastObservedTime.IsZero():
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	default:
		return e.CreationTimestamp.Time
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
