//go:build envtest

package envtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/operator/wire"
	"github.com/millrace/millrace/controllers/certificate"
	"github.com/millrace/millrace/controllers/webhook"
)

// The webhook is asked about namespaces with this label only: other tests store what is wrong on purpose.
const judged = "judged"

const webhookName = "millrace-webhook"

// installed is the one installation of the chart's webhook for all tests.
var installed struct {
	sync.Once
	err error
}

// webhookObjects are the chart's, with the configuration turned to this machine, where there is no Service.
func webhookObjects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	var list []*unstructured.Unstructured
	for _, o := range objects(t, rendered(t, "millrace")) {
		if o.GetName() != webhookName || o.GetKind() == "Service" {
			continue
		}
		if o.GetKind() == "ValidatingWebhookConfiguration" {
			toThisMachine(t, o, webhookAt, judged)
		}
		list = append(list, o)
	}
	if len(list) != 5 {
		t.Fatalf("the chart has %d objects of the webhook, want a configuration, two roles and their bindings", len(list))
	}
	return list
}

// toThisMachine has a configuration ask an address, about namespaces with a label.
func toThisMachine(t *testing.T, o *unstructured.Unstructured, address, label string) {
	t.Helper()
	webhooks, _, err := unstructured.NestedSlice(o.Object, "webhooks")
	if err != nil || len(webhooks) != 3 {
		t.Fatalf("%d webhooks, %v", len(webhooks), err)
	}
	for _, w := range webhooks {
		fields := w.(map[string]any)
		path, _, _ := unstructured.NestedString(fields, "clientConfig", "service", "path")
		fields["clientConfig"] = map[string]any{"url": "https://" + address + path}
		selector := fields["namespaceSelector"].(map[string]any)
		selector["matchLabels"] = map[string]any{label: "yes"}
	}
	if err := unstructured.SetNestedSlice(o.Object, webhooks, "webhooks"); err != nil {
		t.Fatal(err)
	}
}

// install applies objects as Helm does: server-side, by its name.
func install(ctx context.Context, list []*unstructured.Unstructured) error {
	for _, o := range list {
		if err := kube.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("helm"), client.ForceOwnership); err != nil {
			return err
		}
	}
	return nil
}

func configuration(ctx context.Context) (*admissionregistrationv1.ValidatingWebhookConfiguration, error) {
	c := &admissionregistrationv1.ValidatingWebhookConfiguration{}
	return c, kube.Get(ctx, client.ObjectKey{Name: webhookName}, c)
}

// newJudgedWorld is a world whose objects the webhook is asked about, with a connection and the topics of its manifests.
func newJudgedWorld(t *testing.T, manifests ...string) *world {
	t.Helper()
	w := newWorld(t)
	list := webhookObjects(t)
	installed.Do(func() { installed.err = install(context.WithoutCancel(t.Context()), list) })
	if installed.err != nil {
		t.Fatal(installed.err)
	}
	w.label(judged)
	w.await("the webhook", func() error {
		if text, err := w.kubectl("create", true, realJob("probe", "nonsense")); err == nil || !strings.Contains(text, "is invalid: spec.sql: 1:1: ") {
			return fmt.Errorf("nonsense gets %q, %w", text, err)
		}
		return nil
	})
	w.apply(append([]string{w.connection()}, manifests...)...)
	return w
}

// label puts a label on the world's namespace.
func (w *world) label(name string) {
	w.t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"`+name+`":"yes"}}}`))
	if err := kube.Patch(w.t.Context(), ns, patch); err != nil {
		w.t.Fatal(err)
	}
}

// kubectl has kubectl create or apply a manifest, or only say what would come of it, and returns all that it says.
func (w *world) kubectl(verb string, dry bool, manifest string) (string, error) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		w.t.Fatal(err)
	}
	args := []string{verb, "-n", w.namespace, "-f", file}
	if verb == "apply" {
		args = append(args, "--server-side", "--force-conflicts", "--field-manager=test")
	}
	if dry {
		args = append(args, "--dry-run=server")
	}
	return kubectl(w.t.Context(), args...)
}

const (
	bids   = `{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: bids}, spec: {deletionPolicy: Delete, schema: {columns: [{name: price, type: INT}, {name: channel, type: STRING}, {name: ts, type: TIMESTAMP}], eventTime: {column: ts}}}}`
	totals = `{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: totals}, spec: {deletionPolicy: Delete, schema: {columns: [{name: channel, type: STRING}, {name: total, type: BIGINT}]}}}`
	// counts is a query over them. Its second line is where tests put what is wrong.
	counts = "INSERT INTO totals\nSELECT channel, COUNT(*)\nFROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY channel, window_start, window_end"
)

// realJob is a job in the product's SQL.
func realJob(name, sql string) string {
	return fmt.Sprintf("apiVersion: millrace.dev/v1alpha1\nkind: StreamJob\nmetadata:\n  name: %s\nspec:\n  parallelism: 2\n  maxParallelism: 4\n  sql: |\n    %s\n",
		name, strings.ReplaceAll(sql, "\n", "\n    "))
}

// replaced is a text in which something is other.
func replaced(t *testing.T, text, from, to string) string {
	t.Helper()
	if !strings.Contains(text, from) {
		t.Fatalf("no %q in %q", from, text)
	}
	return strings.Replace(text, from, to, 1)
}

func TestAWrongQueryIsRefusedWithLineAndColumn(t *testing.T) {
	t.Parallel()
	w := newJudgedWorld(t, bids, totals)
	wrong := realJob("job", replaced(t, counts, "SELECT channel", "SELECT chanel"))
	const want = "spec.sql:2:8: unknown column chanel in bids; did you mean channel?"
	for _, dry := range []bool{true, false} {
		if text, err := w.kubectl("apply", dry, wrong); err == nil || !strings.Contains(text, "spec.sql: "+strings.TrimPrefix(want, "spec.sql:")) {
			t.Errorf("dry run %v: got %v %s", dry, err, text)
		}
	}
	err := w.tryApply(wrong)
	if err == nil || !strings.Contains(err.Error(), `admission webhook "streamjobs.millrace.dev" denied the request: `+want) {
		t.Errorf("got %v", err)
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil || len(status.Status().Details.Causes) != 1 {
		t.Fatalf("got %v", err)
	}
	if cause := status.Status().Details.Causes[0]; cause.Field != "spec.sql" || "spec.sql:"+cause.Message != want || string(cause.Type) != v1alpha1.ReasonInvalidQuery {
		t.Errorf("the cause is %+v", cause)
	}
	if err := kube.Get(t.Context(), w.key("job"), &v1alpha1.StreamJob{}); !apierrors.IsNotFound(err) {
		t.Errorf("the job is stored: %v", err)
	}
	// The same words, of a job that came past the webhook.
	w.apply(replaced(t, wrong, "  name: job\n", "  name: job\n  labels: {millrace.dev/admission: Skip}\n"))
	job := w.awaitJob("Stalled 0 " + v1alpha1.ReasonInvalidQuery)
	if c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionReady); c.Status != metav1.ConditionFalse || c.Message != want {
		t.Errorf("Ready is %s: %q", c.Status, c.Message)
	}
}

func TestAJobMayComeBeforeItsTopics(t *testing.T) {
	t.Parallel()
	w := newJudgedWorld(t, totals)
	for _, dry := range []bool{true, false} {
		text, err := w.kubectl("apply", dry, realJob("job", counts))
		if err != nil || !strings.Contains(text, "Warning: waits for the StreamTopic bids: spec.sql:3:19: unknown table bids") {
			t.Errorf("dry run %v: got %v %s", dry, err, text)
		}
	}
	w.awaitJob("Pending 0 " + v1alpha1.ReasonWaitingForTopics)
	w.apply(bids)
	w.awaitJob("Running 1 Ready")
}

// A job that comes in the same breath as its topics is not warned of them, however far the operator's cache is behind.
func TestTopicsThatHaveJustComeAreSeen(t *testing.T) {
	t.Parallel()
	w := newJudgedWorld(t)
	text, err := w.kubectl("apply", false, strings.Join([]string{bids, totals, realJob("job", counts)}, "\n---\n"))
	if err != nil || strings.Contains(text, "Warning") {
		t.Errorf("got %v %s", err, text)
	}
}

func runningJudged(t *testing.T) *world {
	t.Helper()
	w := newJudgedWorld(t, bids, totals)
	w.apply(realJob("job", counts))
	w.awaitJob("Running 1 Ready")
	return w
}

func TestAQueryThatCantTakeTheStateIsRefusedBeforeAnythingStops(t *testing.T) {
	t.Parallel()
	w := runningJudged(t)
	before, set := w.job(), w.set(1)
	other := realJob("job", replaced(t, counts, "'10' SECOND", "'20' SECOND"))
	const want = "its windows are cut otherwise; change the query back, or start without the state; spec.upgrade says what may be given up"
	for _, dry := range []bool{true, false} {
		if text, err := w.kubectl("apply", dry, other); err == nil || !strings.Contains(text, want) {
			t.Errorf("dry run %v: got %v %s", dry, err, text)
		}
	}
	if now := w.job(); now.Generation != before.Generation || w.set(1).UID != set.UID || w.set(1).Generation != set.Generation {
		t.Errorf("something moved: %+v", now)
	}
	if text, err := w.kubectl("apply", true, realJob("job", replaced(t, counts, "COUNT(*)", "MAX(price)"))); err != nil || !strings.Contains(text, "Warning: spec.sql: the new query keeps other state") ||
		!strings.Contains(text, "MAX(price) begins empty") || !strings.Contains(text, "COUNT(*) is dropped") {
		t.Errorf("a change that is compatible: %v %s", err, text)
	}
	if text, err := w.kubectl("apply", true, realJob("job", replaced(t, counts, "FROM", "-- the same\nFROM"))); err != nil || strings.Contains(text, "Warning") {
		t.Errorf("a comment: %v %s", err, text)
	}
	// The same words, of a change that came past the webhook; the job goes on.
	w.apply(replaced(t, other, "  name: job\n", "  name: job\n  labels: {millrace.dev/admission: Skip}\n"))
	w.awaitRefusal(v1alpha1.ReasonStateChanged)
	if c := meta.FindStatusCondition(w.job().Status.Conditions, v1alpha1.ConditionStalled); !strings.Contains(c.Message, want) {
		t.Errorf("the condition says %q", c.Message)
	}
}

func TestScaleBeyondThePartitionsIsRefused(t *testing.T) {
	t.Parallel()
	w := runningJudged(t)
	scale := func(n int32) error {
		body := &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: n}}
		return kube.SubResource("scale").Update(t.Context(), w.job(), client.WithSubResourceBody(body))
	}
	if err := scale(5); !apierrors.IsInvalid(err) {
		t.Errorf("5 of 4: %v", err)
	}
	if text, err := kubectl(t.Context(), "scale", "-n", w.namespace, "streamjob/job", "--replicas=4"); err != nil || strings.Contains(text, "Warning") {
		t.Errorf("4 of 4: %v %s", err, text)
	}
	if text, err := kubectl(t.Context(), "scale", "-n", w.namespace, "streamjob/job", "--replicas=9"); err == nil || !strings.Contains(text, "maxParallelism") {
		t.Errorf("kubectl: %v %s", err, text)
	}
}

func TestASchemaThatBreaksAJobIsRefusedWithTheJobsName(t *testing.T) {
	t.Parallel()
	w := runningJudged(t)
	for change, want := range map[string]string{
		replaced(t, bids, "{name: channel, type: STRING}, ", ""):                                        "StreamJob job names this table and would not compile: spec.sql:3:72: unknown column channel in",
		replaced(t, bids, "{name: channel, type: STRING}", "{name: channel, type: BIGINT}"):             "StreamJob job names this table and would not compile: ",
		replaced(t, totals, "{name: channel, type: STRING}, ", ""):                                      "StreamJob job names this table and would not compile: ",
		replaced(t, bids, "{name: price, type: INT}", "{name: price, type: INT}, {name: b, type: INT}"): "",
	} {
		text, err := w.kubectl("apply", true, change)
		if want == "" && (err != nil || strings.Contains(text, "Warning")) || want != "" && (err == nil || !strings.Contains(text, want)) {
			t.Errorf("got %v %s\nwant %q", err, text, want)
		}
	}
}

func TestABrokenObjectCanBeLabelledAndDeleted(t *testing.T) {
	t.Parallel()
	w := newJudgedWorld(t, bids, totals)
	w.apply(replaced(t, realJob("job", "nonsense"), "  name: job\n", "  name: job\n  labels: {millrace.dev/admission: Skip}\n"))
	w.awaitJob("Stalled 0 " + v1alpha1.ReasonInvalidQuery)
	for _, patch := range []string{`{"metadata":{"labels":null}}`, `{"metadata":{"annotations":{"a":"b"}}}`} {
		if err := kube.Patch(t.Context(), w.job(), client.RawPatch("application/merge-patch+json", []byte(patch))); err != nil {
			t.Errorf("%s: %v", patch, err)
		}
	}
	if text, err := kubectl(t.Context(), "patch", "-n", w.namespace, "streamjob", "job", "--type=merge", "-p", `{"spec":{"parallelism":3}}`); err != nil || !strings.Contains(text, "Warning: spec.sql:1:1: ") {
		t.Errorf("what was wrong before and is not touched: %v %s", err, text)
	}
	if err := kube.Delete(t.Context(), w.job()); err != nil {
		t.Fatal(err)
	}
	w.await("the job gone", func() error {
		if err := kube.Get(t.Context(), w.key("job"), &v1alpha1.StreamJob{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %w", err)
		}
		return nil
	})
}

func TestAConnectionWithAPortThatThereIsNotIsRefused(t *testing.T) {
	t.Parallel()
	w := newJudgedWorld(t)
	text, err := w.kubectl("apply", false, `{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: other}, spec: {bootstrapServers: ["kafka:99999"]}}`)
	if err == nil || !strings.Contains(text, `spec.bootstrapServers[0]: "kafka:99999" has no port between 1 and 65535`) {
		t.Errorf("got %v %s", err, text)
	}
}

// A tenant hears at once that another one's internal topic can't be had, in the words of the condition that it would get later.
func TestATopicThatAJobOfAnotherNamespaceKeepsIsRefused(t *testing.T) {
	t.Parallel()
	victim := running(t, "")
	prefix := victim.job().Status.Prefix
	w := newJudgedWorld(t)
	w.apply(topicYAML("fine", "topicName: "+strings.Replace(prefix, victim.namespace, w.namespace, 1)+".1.commits,"))
	if err := w.tryApply(topicYAML("theirs", "topicName: "+prefix+".1.commits,")); err == nil ||
		!strings.Contains(err.Error(), "spec.topicName: topic "+prefix+".1.commits is a StreamJob's own, in the namespace "+victim.namespace+": name another topic") {
		t.Errorf("got %v", err)
	}
}

// A replica that is not the leader answers as the leader does: with the certificate that the leader keeps, or with files that somebody else mounts.
func TestAReplicaThatDoesNotLeadAnswersToo(t *testing.T) {
	t.Parallel()
	newJudgedWorld(t) // the leader has made its certificate
	c, err := configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := certificate.Generate([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(folder, "tls.crt"), files.Certificate, 0o600), os.WriteFile(filepath.Join(folder, "tls.key"), files.Key, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]struct {
		folder string
		trust  []byte
	}{"the Secret": {"", c.Webhooks[0].ClientConfig.CABundle}, "files": {folder, files.Certificate}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
			o, err := options(ctx)
			if err != nil {
				t.Fatal(err)
			}
			o.AllowSameNames, o.Webhook.CertificateFolder = true, from.folder
			stopped := make(chan error, 1)
			go func() { stopped <- wire.Run(ctx, asOperator(administrator), o) }()
			defer func() {
				cancel()
				if err := <-stopped; err != nil {
					t.Error(err)
				}
			}()
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(from.trust)
			caller := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}, Timeout: patience}
			(&world{t: t}).await("an answer", func() error {
				answer, err := review(caller, o.Webhook.Port, realJob("job", "nonsense"))
				if err == nil && (answer.Response == nil || answer.Response.Allowed || !strings.Contains(answer.Response.Result.Message, "spec.sql:1:1")) {
					t.Errorf("got %+v", answer.Response)
				}
				return err
			})
		})
	}
}

// review asks an operator about a job that is new, as the API server does.
func review(caller *http.Client, port int, manifest string) (*admissionv1.AdmissionReview, error) {
	job, err := object(manifest)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(job.Object)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(&admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "u", Namespace: "default", Name: "job", Operation: admissionv1.Create, Object: runtime.RawExtension{Raw: raw},
		},
	})
	if err != nil {
		return nil, err
	}
	r, err := caller.Post(fmt.Sprintf("https://127.0.0.1:%d/validate/streamjobs", port), "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Body.Close() }()
	answer := &admissionv1.AdmissionReview{}
	return answer, json.NewDecoder(r.Body).Decode(answer)
}

// While nobody answers, everything is taken, and the reconciler finds what is wrong.
func TestWithTheOperatorAwayEverythingIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const nobody = "127.0.0.1:1"
	for _, o := range webhookObjects(t) {
		if o.GetKind() != "ValidatingWebhookConfiguration" {
			continue
		}
		o = objects(t, rendered(t, "away"))["ValidatingWebhookConfiguration away-millrace-webhook"]
		toThisMachine(t, o, nobody, "away")
		if err := install(t.Context(), []*unstructured.Unstructured{o}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = kube.Delete(context.WithoutCancel(t.Context()), o) })
	}
	w.label("away")
	time.Sleep(2 * time.Second) // for the API server to see both; there is nothing to wait for that shows it
	w.apply(w.connection(), bids, totals, realJob("job", "nonsense"))
	w.awaitJob("Stalled 0 " + v1alpha1.ReasonInvalidQuery)
}

// Helm and the operator write the same object: Helm all but the caBundle, the operator nothing else.
func TestHelmAndTheOperatorDoNotFightOverWhomToTrust(t *testing.T) {
	t.Parallel()
	newJudgedWorld(t)
	before, err := configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := webhookObjects(t)
	if err := install(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	after, err := configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range after.Webhooks {
		if ca := after.Webhooks[i].ClientConfig.CABundle; len(ca) == 0 || !bytes.Equal(ca, before.Webhooks[i].ClientConfig.CABundle) {
			t.Errorf("%s trusts %d bytes, before %d", after.Webhooks[i].Name, len(ca), len(before.Webhooks[i].ClientConfig.CABundle))
		}
	}
	var document bytes.Buffer
	for _, o := range webhookObjects(t) {
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		document.WriteString("---\n" + string(text))
	}
	if text, err := apply(t.Context(), t.TempDir(), document.Bytes()); err != nil {
		t.Errorf("%v: %s", err, text)
	}
}

// A certificate's whole life, against a real API server and with the clock in hand: each step is written once, an idle pass writes nothing, and what
// a replica serves is always what the API server has been told to trust.
func TestTheCertificateIsRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	o := objects(t, rendered(t, "renewed"))["ValidatingWebhookConfiguration renewed-millrace-webhook"]
	toThisMachine(t, o, "127.0.0.1:1", "nobody")
	if err := install(ctx, []*unstructured.Unstructured{o}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kube.Delete(context.WithoutCancel(ctx), o) })
	now := time.Now()
	keeper := &webhook.Keeper{
		Client: kube, Live: kube, Secret: client.ObjectKey{Namespace: "default", Name: "renewed"}, Configuration: o.GetName(), Names: []string{"127.0.0.1"},
		Now: func() time.Time { return now },
	}
	look := func() (versions string, secret *corev1.Secret, trusted int) {
		t.Helper()
		secret = &corev1.Secret{}
		c := &admissionregistrationv1.ValidatingWebhookConfiguration{}
		if err := errors.Join(keeper.Pass(ctx), kube.Get(ctx, keeper.Secret, secret), kube.Get(ctx, client.ObjectKey{Name: o.GetName()}, c)); err != nil {
			t.Fatal(err)
		}
		for i := range c.Webhooks {
			if !bytes.Equal(c.Webhooks[i].ClientConfig.CABundle, secret.Data["ca.crt"]) {
				t.Errorf("%s trusts others than the Secret says", c.Webhooks[i].Name)
			}
		}
		return secret.ResourceVersion + " " + c.ResourceVersion, secret, bytes.Count(secret.Data["ca.crt"], []byte("BEGIN CERTIFICATE"))
	}
	var seen []string
	var last string
	served := map[string]bool{}
	for _, step := range []time.Duration{0, time.Minute, 61 * 24 * time.Hour, time.Minute, 2 * time.Hour, time.Minute, 31 * 24 * time.Hour, time.Minute} {
		now = now.Add(step)
		versions, secret, trusted := look()
		seen = append(seen, fmt.Sprintf("%d trusted, %v", trusted, versions != last))
		last = versions
		served[string(secret.Data[corev1.TLSCertKey])] = true
	}
	want := []string{"1 trusted, true", "1 trusted, false", "2 trusted, true", "2 trusted, false", "2 trusted, true", "2 trusted, false", "1 trusted, true", "1 trusted, false"}
	if !slices.Equal(seen, want) || len(served) != 2 {
		t.Errorf("%d certificates; got\n%s\nwant\n%s", len(served), strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
}
