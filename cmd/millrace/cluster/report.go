package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

// mostLogBytes bounds a container's log in a report; it is the last of what there is, by lines.
const mostLogBytes = 8 << 20

// ReportOptions says what to pack up.
type ReportOptions struct {
	// Job is the job's name.
	Job string
	// Tail is how many lines of each log to take.
	Tail int64
	// Now is the time of the report.
	Now time.Time
	// To takes the .tar.gz, Stderr what could not be had.
	To     io.Writer
	Stderr io.Writer
}

// report is one that is being made. What can't be had is noted, and does not keep the rest from being packed up.
type report struct {
	*Cluster
	options ReportOptions
	bundle  *bundle
	job     *unstructured.Unstructured
	missing []string
}

const aboutReport = `Report on the StreamJob %s of the namespace %s, made at %s.

job.yaml          the StreamJob with its status
topics.yaml       the namespace's StreamTopics, connections.yaml its KafkaConnections
savepoints.yaml   the StreamSavepoints of the job
children.yaml     StatefulSets, Services and the like of the job
pods.yaml         its workers' pods
events.yaml       what the cluster has said of all these
plan.txt          the plan that runs, for people; plan.json the document
logs/             the last lines of each worker's log, and of its container before the last restart
workers/          each worker's metrics: its lag, its watermark, where its time goes

No Secret was read. Values of environment variables, and what looks like a password, a token or a key, are replaced by %s.
Look through it before you give it away: rows that a log shows are shown here, too.
`

// Report packs up what is known of a job.
func (c *Cluster) Report(ctx context.Context, o ReportOptions) error {
	job, err := c.get(ctx, jobs(), o.Job)
	if err != nil {
		return err
	}
	r := &report{Cluster: c, options: o, job: job, bundle: newBundle(o.To, "millrace-"+c.Namespace+"-"+o.Job, o.Now)}
	for _, step := range []func(context.Context) error{r.about, r.objects, r.events, r.plan, r.workers} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := r.bundle.text("missing.txt", strings.Join(append(r.missing, ""), "\n")); err != nil {
		return err
	}
	return r.bundle.close()
}

// lacks notes what could not be had. What the user has stopped is an error.
func (r *report) lacks(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	line := what + ": " + r.bundle.redactor.text(err.Error())
	r.missing = append(r.missing, line)
	_, _ = fmt.Fprintln(r.options.Stderr, "warning: not in the report:", line)
	return nil
}

func (r *report) about(ctx context.Context) error {
	if err := r.bundle.text("README.txt", fmt.Sprintf(aboutReport, r.options.Job, r.Namespace, r.options.Now.UTC().Format(time.RFC3339), redacted)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	version, err := r.core.Get().AbsPath("/version").DoRaw(ctx)
	if err != nil {
		return r.lacks(ctx, "the API server's version", err)
	}
	return r.bundle.text("kubernetes.json", string(version))
}

// objects adds the objects that make up the job, and those that it refers to.
func (r *report) objects(ctx context.Context) error {
	if err := r.bundle.objects("job.yaml", r.job.Object); err != nil {
		return err
	}
	own := metav1.ListOptions{LabelSelector: render.LabelJob + "=" + r.options.Job}
	in := func(group schema.GroupVersion, resource, name string) kind {
		return kind{group.WithResource(resource), name}
	}
	for _, file := range []struct {
		name  string
		list  metav1.ListOptions
		kinds []kind
	}{
		{"topics.yaml", metav1.ListOptions{}, []kind{topics()}},
		{"connections.yaml", metav1.ListOptions{}, []kind{connections()}},
		{"children.yaml", own, []kind{
			in(appsv1.SchemeGroupVersion, "statefulsets", "StatefulSet"), core("services", "Service"), core("serviceaccounts", "ServiceAccount"),
			in(policyv1.SchemeGroupVersion, "poddisruptionbudgets", "PodDisruptionBudget"), in(networkingv1.SchemeGroupVersion, "networkpolicies", "NetworkPolicy"),
			core("persistentvolumeclaims", "PersistentVolumeClaim"),
		}},
		{"versions.yaml", own, []kind{revisionKind()}}, // the StatefulSets' own, too
		{"savepoints.yaml", metav1.ListOptions{}, []kind{streamSavepoints()}},
		{"pods.yaml", own, []kind{core("pods", "Pod")}},
	} {
		var all []map[string]any
		for _, k := range file.kinds {
			items, err := r.list(ctx, k, r.Namespace, file.list)
			if err != nil {
				if err := r.lacks(ctx, k.name+"s", err); err != nil {
					return err
				}
			}
			for i := range items {
				if of, named, _ := unstructured.NestedString(items[i].Object, "spec", "jobRef", "name"); !named || of == r.options.Job {
					all = append(all, items[i].Object)
				}
			}
		}
		if err := r.bundle.objects(file.name, all...); err != nil {
			return err
		}
	}
	return nil
}

// events adds what the cluster has said of the job and of what is named after it.
func (r *report) events(ctx context.Context) error {
	items, err := r.list(ctx, core("events", "Event"), r.Namespace, metav1.ListOptions{})
	if err != nil {
		return r.lacks(ctx, "Events", err)
	}
	var about []map[string]any
	for i := range items {
		name, _, _ := unstructured.NestedString(items[i].Object, "involvedObject", "name")
		if name == r.options.Job || strings.HasPrefix(name, r.options.Job+"-") {
			about = append(about, items[i].Object)
		}
	}
	return r.bundle.objects("events.yaml", about...)
}

func (r *report) plan(ctx context.Context) error {
	job, err := typed[v1alpha1.StreamJob](r.job)
	if err != nil {
		return r.lacks(ctx, "the plan", err)
	}
	plan, err := r.Cluster.plan(ctx, job, job.Status.Epoch)
	if err != nil {
		return r.lacks(ctx, "the plan", err)
	}
	text, err := r.explain(ctx, job, plan)
	if err != nil {
		return r.lacks(ctx, "the plan", err)
	}
	if err := r.bundle.text("plan.txt", text); err != nil {
		return err
	}
	var document map[string]any
	data, err := json.Marshal(plan)
	if err == nil {
		err = json.Unmarshal(data, &document)
	}
	if err == nil {
		data, err = json.MarshalIndent(r.bundle.redactor.object(document), "", " ")
	}
	if err != nil {
		return fault.Wrap(fault.Bug, err, "encode the plan")
	}
	return r.bundle.write("plan.json", data)
}

// workers adds what the workers say: their metrics and their logs.
func (r *report) workers(ctx context.Context) error {
	pods, err := r.Cluster.workers(ctx, r.options.Job)
	if err != nil {
		return r.lacks(ctx, "the workers", err)
	}
	for _, pod := range pods {
		page, err := r.page(ctx, pod)
		if err == nil {
			err = r.bundle.text("workers/"+pod.Name+".metrics.txt", string(page))
		} else {
			err = r.lacks(ctx, "the metrics of "+pod.Name, err)
		}
		if err != nil {
			return err
		}
		if err := r.log(ctx, pod, "logs/"+pod.Name+".log", false); err != nil {
			return err
		}
		if restarted(pod) {
			if err := r.log(ctx, pod, "logs/"+pod.Name+".previous.log", true); err != nil {
				return err
			}
		}
	}
	return nil
}

func restarted(pod *corev1.Pod) bool {
	for i := range pod.Status.ContainerStatuses {
		if s := &pod.Status.ContainerStatuses[i]; s.Name == render.WorkerContainer && s.RestartCount > 0 {
			return true
		}
	}
	return false
}

func (r *report) log(ctx context.Context, pod *corev1.Pod, name string, previous bool) error {
	text, err := r.readLog(ctx, pod, previous)
	if err != nil {
		return r.lacks(ctx, name, err)
	}
	return r.bundle.text(name, text)
}

func (r *report) readLog(ctx context.Context, pod *corev1.Pod, previous bool) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	stream, err := r.openLog(ctx, pod, logParams(&LogsOptions{Previous: previous, Tail: r.options.Tail}))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(stream, mostLogBytes))
	return string(text), errors.Join(err, stream.Close())
}
