// Package chart_test looks at the chart's files as they lie; what Helm makes of them is tested beside the API server (test/envtest).
package chart_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"sigs.k8s.io/yaml"
)

const files = "../../charts/millrace/files/"

// A chart can't refer to what lies outside of its folder, so it has copies; make manifests writes them.
func TestTheChartsCopiesAreWhatConfigHas(t *testing.T) {
	pairs := map[string]string{"role.yaml": "../../config/rbac/role.yaml"}
	for _, pattern := range []string{"../../config/crd/bases/*.yaml", files + "crds/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		for _, file := range found {
			name := filepath.Base(file)
			pairs["crds/"+name] = "../../config/crd/bases/" + name
		}
	}
	for copied, original := range pairs {
		want, err := os.ReadFile(original)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(files + copied)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not %s (run make manifests): %v", copied, original, err)
		}
	}
}

type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func TestEveryAlertCanBeAskedAndSaysWhatToDo(t *testing.T) {
	text := read(t, files+"alerts.yaml")
	var parsed struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	if err := yaml.UnmarshalStrict(text, &parsed); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, g := range parsed.Groups {
		for _, r := range g.Rules {
			if seen[r.Alert] {
				t.Errorf("%s is there twice", r.Alert)
			}
			seen[r.Alert] = true
			if _, err := metricsql.Parse(r.Expr); err != nil {
				t.Errorf("%s: %v", r.Alert, err)
			}
			if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s has no severity, summary or description", r.Alert)
			}
			if !strings.Contains(r.Annotations["summary"], "$labels.streamjob") {
				t.Errorf("%s does not name the job", r.Alert)
			}
		}
	}
	if len(seen) == 0 {
		t.Error("there are no alerts")
	}
	known(t, "alerts.yaml", text)
}

func TestTheDashboardAsksForWhatThereIs(t *testing.T) {
	text := read(t, files+"dashboard.json")
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	asked := 0
	variables := strings.NewReplacer("$__rate_interval", "5m", "$namespace", "n", "$job", "j")
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			asked++
			if _, err := metricsql.Parse(variables.Replace(target.Expr)); err != nil {
				t.Errorf("%s: %v", p.Title, err)
			}
		}
	}
	if asked == 0 {
		t.Error("no panel asks for anything")
	}
	known(t, "dashboard.json", text)
}

// known looks whether the metrics that a file asks for are in the reference, which lists those that there are.
func known(t *testing.T, name string, text []byte) {
	t.Helper()
	metric := regexp.MustCompile(`millrace_[a-z_]+`)
	reference := metric.FindAllString(string(read(t, "../../docs/reference/metrics.md")), -1)
	for _, m := range metric.FindAllString(string(text), -1) {
		if !slices.Contains(reference, m) && m != "millrace_dev_job" {
			t.Errorf("%s asks for %s, which no worker has", name, m)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
