//go:build envtest

package envtest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const chart = "../../charts/millrace"

// helm runs Helm, which tools/build.sh has built, and returns what it says.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := exec.CommandContext(t.Context(), "../../tools/path.sh", "helm").Output()
	if err != nil {
		t.Fatalf("Helm is not built: run tools/build.sh helm: %v", err)
	}
	folder := t.TempDir() // of its own, so that no plugin or setting of the machine counts
	run := exec.CommandContext(t.Context(), strings.TrimSpace(string(path)), args...)
	run.Env = []string{"HOME=" + folder, "HELM_CONFIG_HOME=" + folder, "HELM_CACHE_HOME=" + folder, "HELM_DATA_HOME=" + folder}
	var out, problems bytes.Buffer
	run.Stdout, run.Stderr = &out, &problems
	if err := run.Run(); err != nil {
		return problems.String() + out.String(), err
	}
	return out.String(), nil
}

func rendered(t *testing.T, release string, args ...string) string {
	t.Helper()
	text, err := helm(t, append([]string{"template", release, chart, "--namespace", "millrace-system"}, args...)...)
	if err != nil {
		t.Fatalf("helm template %v: %v\n%s", args, err, text)
	}
	return text
}

// everything turns on all that the chart can have.
func everything() []string {
	return []string{
		"--set", "replicas=2,podDisruptionBudget.enabled=true,clusterId=east,priorityClassName=system-cluster-critical",
		"--set", "monitoring.operator.enabled=true,monitoring.workers.enabled=true,monitoring.alerts.enabled=true,monitoring.dashboard.enabled=true",
		"--set", "monitoring.labels.release=prometheus,commonLabels.team=streams,podLabels.a=b,podAnnotations.c=d,serviceAccount.annotations.e=f",
		"--set", "workerImage.pullSecrets={registry,mirror}",
		"--set", "imagePullSecrets[0].name=registry,image.digest=sha256:" + strings.Repeat("0a", 32),
		"--set-json", `nodeSelector={"kubernetes.io/os":"linux"}`,
		"--set-json", `tolerations=[{"key":"infra","operator":"Exists"}]`,
		"--set-json", `affinity={"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"kubernetes.io/hostname","labelSelector":{}}}]}}`,
		"--set-json", `topologySpreadConstraints=[{"maxSkew":1,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{}}]`,
	}
}

func objects(t *testing.T, text string) map[string]*unstructured.Unstructured {
	t.Helper()
	list := map[string]*unstructured.Unstructured{}
	for document := range strings.SplitSeq("\n"+text, "\n---") {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &o.Object); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		if len(o.Object) > 0 {
			list[o.GetKind()+" "+o.GetName()] = o
		}
	}
	return list
}

// bare takes away what only one of the two ways to install has: labels, Helm's word on what it deletes.
func bare(o *unstructured.Unstructured) *unstructured.Unstructured {
	o = o.DeepCopy()
	var labels map[string]string // nil takes the field away
	for l, v := range o.GetLabels() {
		if !strings.HasPrefix(l, "rbac.authorization.k8s.io/") {
			continue
		}
		if labels == nil {
			labels = map[string]string{}
		}
		labels[l] = v
	}
	o.SetLabels(labels)
	if notes := o.GetAnnotations(); notes["helm.sh/resource-policy"] != "" {
		delete(notes, "helm.sh/resource-policy")
		o.SetAnnotations(notes)
	}
	if o.GetKind() == "Deployment" {
		unstructured.RemoveNestedField(o.Object, "spec", "selector")
		unstructured.RemoveNestedField(o.Object, "spec", "template", "metadata")
	}
	return o
}

// argsOf takes the operator's arguments out of a Deployment.
func argsOf(t *testing.T, o *unstructured.Unstructured) []string {
	t.Helper()
	containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) != 1 {
		t.Fatalf("%d containers, %v", len(containers), err)
	}
	c := containers[0].(map[string]any)
	args, _, err := unstructured.NestedStringSlice(c, "args")
	if err != nil {
		t.Fatal(err)
	}
	delete(c, "args")
	if err := unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers"); err != nil {
		t.Fatal(err)
	}
	return args
}

func TestChartAndKustomizeInstallTheSame(t *testing.T) {
	text, err := kubectl(t.Context(), "kustomize", "../../config/default")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	// the webhook comes with the chart alone
	want, got := objects(t, text), objects(t, rendered(t, "millrace", "--set", "image.tag=dev,workerImage.tag=dev,webhook.enabled=false"))
	delete(want, "Namespace millrace-system") // helm install --create-namespace
	for name, w := range want {
		g, ok := got[name]
		if !ok {
			t.Errorf("the chart has no %s", name)
			continue
		}
		w, g = bare(w), bare(g)
		if w.GetKind() == "Deployment" {
			list, more := argsOf(t, w), argsOf(t, g)
			for _, arg := range list {
				if !slices.Contains(more, arg) {
					t.Errorf("the chart's operator has not the argument %s", arg)
				}
			}
		}
		if !reflect.DeepEqual(w.Object, g.Object) {
			wanted, _ := yaml.Marshal(w.Object)
			found, _ := yaml.Marshal(g.Object)
			t.Errorf("%s differs: config has\n%s\nthe chart\n%s", name, wanted, found)
		}
	}
	for name := range got {
		if want[name] == nil {
			t.Errorf("config has no %s", name)
		}
	}
}

func TestTheAPIServerTakesTheChart(t *testing.T) {
	if text, err := helm(t, append([]string{"lint", "--strict", chart}, everything()...)...); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var taken bytes.Buffer
	kinds := map[string]int{}
	for _, o := range objects(t, rendered(t, "other", everything()...)) {
		kinds[o.GetKind()]++
		if o.GroupVersionKind().Group == "monitoring.coreos.com" {
			continue // another operator's; the API server here knows none of them
		}
		document, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		taken.WriteString("---\n")
		taken.Write(document)
	}
	for kind, n := range map[string]int{"CustomResourceDefinition": 4, "ValidatingWebhookConfiguration": 1, "Service": 1, "PodMonitor": 2, "PrometheusRule": 1, "ConfigMap": 1, "PodDisruptionBudget": 1, "Deployment": 1} {
		if kinds[kind] != n {
			t.Errorf("%d of %s, want %d", kinds[kind], kind, n)
		}
	}
	if text, err := apply(t.Context(), t.TempDir(), taken.Bytes()); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// apply asks the API server whether it would take a manifest, unknown fields being errors.
func apply(ctx context.Context, folder string, manifest []byte) (string, error) {
	file := filepath.Join(folder, "manifest.yaml")
	if err := os.WriteFile(file, manifest, 0o600); err != nil {
		return "", err
	}
	return kubectl(ctx, "apply", "--server-side", "--force-conflicts", "--field-manager=helm", "--validate=strict", "--dry-run=server", "-f", file)
}

func TestWrongValuesAreRefused(t *testing.T) {
	for set, want := range map[string]string{
		"replica=2":                        "replica",
		"image.tag=a b":                    "tag",
		"image.digest=sha256:12":           "digest",
		"replicas=-1":                      "replicas",
		"leaderElection.leaseDuration=15":  "leaseDuration",
		"webhook.timeoutSeconds=30":        "timeoutSeconds",
		"webhook.certManager.enable=true":  "enable",
		"podDisruptionBudget.enabled=true": "replicas of 2 at least",
		"monitoring.workers.enable=true":   "enable",
		"monitoring.alerts.thresholds.a=1": "thresholds",

		// beyond the histogram: it would never come
		"monitoring.alerts.thresholds.endToEndLatencySeconds=60": "endToEndLatencySeconds",
	} {
		text, err := helm(t, "template", "millrace", chart, "--set", set)
		if err == nil || !strings.Contains(text, want) {
			t.Errorf("%s: %v, want %q in\n%s", set, err, want, text)
		}
	}
}

// Thresholds stand where the rules name them, as they are given.
func TestThresholdsOfAlertsAreValues(t *testing.T) {
	text := rendered(t, "millrace", append(everything(), "--set", "monitoring.alerts.thresholds.lagSeconds=123,monitoring.alerts.thresholds.backpressureShare=0.25")...)
	for _, want := range []string{"> 123 * sum by", "more than 123 seconds", "> 0.25\n", "{{ $labels.namespace }}"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
	_, rule, _ := strings.Cut(text, "kind: PrometheusRule")
	rule, _, _ = strings.Cut(rule, "\n---")
	if _, name, left := strings.Cut(rule, "${"); left {
		name, _, _ = strings.Cut(name, "}")
		t.Errorf("${%s} is left as it was", name)
	}
}

func TestCRDsStayUnlessTheyAreNotToBeKept(t *testing.T) {
	const keep = "helm.sh/resource-policy: keep"
	if n := strings.Count(rendered(t, "millrace"), keep); n != 4 {
		t.Errorf("%d of the CRDs are kept, want 4", n)
	}
	if text := rendered(t, "millrace", "--set", "crds.keep=false"); strings.Contains(text, keep) || !strings.Contains(text, "kind: CustomResourceDefinition") {
		t.Error("CRDs that are not to be kept are, or are gone")
	}
	if text := rendered(t, "millrace", "--set", "crds.install=false"); strings.Contains(text, "kind: CustomResourceDefinition") {
		t.Error("CRDs come though they are not to")
	}
}

// The certificate of the webhook is the operator's affair, or cert-manager's, never both's.
func TestOneOfTwoKeepsTheWebhooksCertificate(t *testing.T) {
	own, certManager, given := objects(t, rendered(t, "millrace")), objects(t, rendered(t, "millrace", "--set", "webhook.certManager.enabled=true")),
		objects(t, rendered(t, "millrace", "--set", "webhook.certManager.enabled=true,webhook.certManager.issuerRef.name=ours,webhook.certManager.issuerRef.kind=ClusterIssuer"))
	for name, c := range map[string]struct {
		objects map[string]*unstructured.Unstructured
		has     []string
		not     []string
	}{
		"the operator":                 {own, []string{"Role millrace-webhook", "ClusterRole millrace-webhook", "Service millrace-webhook"}, []string{"Issuer millrace-webhook", "Certificate millrace-webhook"}},
		"cert-manager":                 {certManager, []string{"Issuer millrace-webhook", "Certificate millrace-webhook"}, []string{"Role millrace-webhook", "ClusterRole millrace-webhook"}},
		"cert-manager by an issuer":    {given, []string{"Certificate millrace-webhook"}, []string{"Issuer millrace-webhook", "Role millrace-webhook"}},
		"nobody, where there is none":  {objects(t, rendered(t, "millrace", "--set", "webhook.enabled=false")), nil, []string{"Service millrace-webhook", "ValidatingWebhookConfiguration millrace-webhook"}},
		"the operator, without rights": {objects(t, rendered(t, "millrace", "--set", "rbac.create=false")), []string{"Service millrace-webhook"}, []string{"Role millrace-webhook"}},
	} {
		for _, o := range c.has {
			if c.objects[o] == nil {
				t.Errorf("%s: there is no %s", name, o)
			}
		}
		for _, o := range c.not {
			if c.objects[o] != nil {
				t.Errorf("%s: there is a %s", name, o)
			}
		}
	}
	for name, list := range map[string]map[string]*unstructured.Unstructured{"the operator": own, "cert-manager": certManager} {
		o := list["ValidatingWebhookConfiguration millrace-webhook"]
		if inject := o.GetAnnotations()["cert-manager.io/inject-ca-from"]; (inject == "millrace-system/millrace-webhook") != (name == "cert-manager") {
			t.Errorf("%s: the CA is injected from %q", name, inject)
		}
		args := argsOf(t, list["Deployment millrace-operator"])
		if slices.Contains(args, "--webhook-cert-dir=/etc/millrace-webhook") != (name == "cert-manager") || slices.Contains(args, "--webhook-secret=millrace-webhook-certificate") != (name == "the operator") {
			t.Errorf("%s: the arguments are %v", name, args)
		}
	}
}

// The operator's own namespace and kube-system are never asked about, and nothing that the webhook does may stay in the way.
func TestTheWebhookCantLockACluster(t *testing.T) {
	o := objects(t, rendered(t, "millrace", "--set", "webhook.excludedNamespaces={gitops}"))["ValidatingWebhookConfiguration millrace-webhook"]
	c := &admissionregistrationv1.ValidatingWebhookConfiguration{}
	text, err := yaml.Marshal(o.Object)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, c); err != nil || len(c.Webhooks) != 3 {
		t.Fatalf("%d webhooks, %v", len(c.Webhooks), err)
	}
	for i := range c.Webhooks {
		h := &c.Webhooks[i]
		if *h.FailurePolicy != admissionregistrationv1.Ignore || *h.SideEffects != admissionregistrationv1.SideEffectClassNone || *h.TimeoutSeconds > 5 || len(h.ClientConfig.CABundle) > 0 {
			t.Errorf("%s: %+v", h.Name, h)
		}
		if values := h.NamespaceSelector.MatchExpressions[0].Values; !slices.Equal(values, []string{"kube-system", "millrace-system", "gitops"}) {
			t.Errorf("%s is not asked about %v", h.Name, values)
		}
	}
}
