//go:build envtest

package envtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/runtime/fault"
)

func (w *world) commandLine(config *rest.Config) *cluster.Cluster {
	w.t.Helper()
	c, err := cluster.New(config, w.namespace)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

func TestTheCommandLineShowsAndScalesAJob(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 2,")
	c := w.commandLine(administrator)
	var out, said bytes.Buffer
	if err := c.Status(t.Context(), cluster.StatusOptions{Now: time.Now(), Stdout: &out, Stderr: &said}); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "NAME   PHASE     WORKERS", "job    Running   2/2", "Ready")
	w.await("the view of the job", func() error { // events are written behind the status
		out.Reset()
		if err := c.Status(t.Context(), cluster.StatusOptions{Job: "job", Now: time.Now(), Stdout: &out, Stderr: &said}); err != nil {
			return err
		}
		if _, events, _ := strings.Cut(out.String(), "Events:"); !strings.Contains(events, "Ready") {
			return fmt.Errorf("no event yet: %s", &out)
		}
		return nil
	})
	contains(t, out.String(), "Phase:       Running (Ready)", "Epoch:       1 (of the state: 1)", "2 ready, 2 there, 2 wanted", "TopicsReady", "job-1-0", "job-1-1")
	if said.Len() > 0 {
		t.Errorf("said %s", &said)
	}
	out.Reset()
	if err := c.Plan(t.Context(), cluster.PlanOptions{Job: "job", Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "on Kafka, with 2 workers and a commit at least each 100ms")
	out.Reset()
	if err := c.Scale(t.Context(), "job", 3, &out); err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "streamjob.millrace.dev/job scaled: 3 workers, from 2")
	w.await("the third worker", func() error {
		if s := w.job().Status; s.Parallelism.Ready != 3 {
			return fmt.Errorf("%+v", s.Parallelism)
		}
		return nil
	})
	if err := c.Scale(t.Context(), "job", 5, &out); fault.KindOf(err) != fault.User {
		t.Errorf("five workers of four: %v", err)
	}
}

func TestTheCommandLineFindsWhomToAskForASavepoint(t *testing.T) {
	t.Parallel()
	w := running(t, `savepoints: {url: "s3://bucket/savepoints"},`)
	asked, err := w.commandLine(administrator).Savepoint(t.Context(), "job")
	if err != nil {
		t.Fatal(err)
	}
	if asked.Prefix != w.job().Status.Prefix || len(asked.Brokers) != 1 || asked.Brokers[0] != w.broker.ListenAddrs()[0] {
		t.Errorf("%+v", asked)
	}
	if err := asked.Reach(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheCommandLineSaysWhichRightIsMissing(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	nobody := rest.CopyConfig(administrator)
	nobody.Impersonate = rest.ImpersonationConfig{UserName: "nobody", Groups: []string{"system:authenticated"}}
	c := w.commandLine(nobody)
	for right, ask := range map[string]func() error{
		"get streamjobs in the namespace " + w.namespace:  func() error { return c.Plan(t.Context(), cluster.PlanOptions{Job: "job"}) },
		"list streamjobs in the namespace " + w.namespace: func() error { return c.Status(t.Context(), cluster.StatusOptions{}) },
		"list streamjobs in all namespaces":               func() error { return c.Status(t.Context(), cluster.StatusOptions{All: true}) },
	} {
		err := ask()
		if fault.KindOf(err) != fault.User || !strings.Contains(fmt.Sprint(err), "ask for the right to "+right) {
			t.Errorf("%s: %v", right, err)
		}
	}
}

// What is planted in a Secret, in the environment of the workers, in an annotation and in an event is in no file of the report.
func TestAReportHoldsNoSecret(t *testing.T) {
	t.Parallel()
	const planted = "hunter2-Xy9"
	w := running(t, "parallelism: 2, template: {spec: {containers: [{name: worker, env: [{name: PLAIN, value: "+planted+"}], args: [\"--token="+planted+"\"]}]}},")
	for _, o := range []*corev1.Secret{{ObjectMeta: named(w, "job-secret"), StringData: map[string]string{"password": planted}}} {
		o.Labels = map[string]string{"millrace.dev/job": "job"}
		if err := kube.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	job := w.job()
	job.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": `{"a":"` + planted + `"}`, "note": "redis://user:" + planted + "@host"}
	if err := kube.Update(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	event := &corev1.Event{
		ObjectMeta: named(w, "planted"), InvolvedObject: corev1.ObjectReference{Kind: "StreamJob", Namespace: w.namespace, Name: "job"},
		Message: "connect: password=" + planted + " is wrong", Reason: "Planted", LastTimestamp: metav1.Now(),
	}
	if err := kube.Create(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]string{"of-the-job": "job", "of-another": "another"} {
		if err := kube.Create(t.Context(), &v1alpha1.StreamSavepoint{ObjectMeta: named(w, name), Spec: v1alpha1.StreamSavepointSpec{
			JobRef: v1alpha1.JobReference{Name: of}, Deadline: metav1.Duration{Duration: time.Minute},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	var packed, said bytes.Buffer
	if err := w.commandLine(administrator).Report(t.Context(), cluster.ReportOptions{Job: "job", Tail: 10, Now: time.Now(), To: &packed, Stderr: &said}); err != nil {
		t.Fatal(err)
	}
	files := unpack(t, &packed)
	for name, text := range files {
		if strings.Contains(text, planted) {
			t.Errorf("%s holds what is secret:\n%s", name, text)
		}
	}
	for name, wants := range map[string][]string{
		"README.txt": {"No Secret was read"}, "job.yaml": {"kind: StreamJob", "FROM in TO out", "phase: Running", "<redacted>"}, "topics.yaml": {"kind: StreamTopic"},
		"connections.yaml": {"kind: KafkaConnection"}, "children.yaml": {"kind: StatefulSet", "kind: Service"}, "versions.yaml": {"kind: ControllerRevision", "FROM in TO out", "name: PLAIN"}, "pods.yaml": {"name: job-1-0", "name: PLAIN"},
		"savepoints.yaml": {"name: of-the-job"}, "events.yaml": {"reason: Planted"}, "plan.txt": {"on Kafka"}, "plan.json": {`"stages"`}, "kubernetes.json": {"gitVersion"},
		"missing.txt": {"logs/job-1-0.log: "}, // there is no kubelet here
	} {
		contains(t, files["millrace-"+w.namespace+"-job/"+name], wants...)
	}
	if strings.Contains(files["millrace-"+w.namespace+"-job/savepoints.yaml"], "of-another") {
		t.Error("the report holds savepoints of another job")
	}
	contains(t, said.String(), "warning: not in the report: logs/job-1-1.log")
}

func unpack(t *testing.T, packed io.Reader) map[string]string {
	t.Helper()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for r := tar.NewReader(plain); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = string(text)
	}
}
