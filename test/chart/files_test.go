// Package chart_test looks at the chart's files as they lie; what Helm makes of them is tested beside the API server (test/envtest).
package chart_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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
	text := withThresholds(t, read(t, files+"alerts.yaml"))
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
			if ofJobs := g.Name == "millrace-jobs"; ofJobs && !strings.Contains(r.Annotations["summary"], "$labels.streamjob") {
				t.Errorf("%s does not name the job", r.Alert)
			} else if !ofJobs && !strings.Contains(r.Annotations["description"], "kubectl ") {
				t.Errorf("%s does not say how to see which one it is", r.Alert)
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

// Each thing that operators watch has an alert, with a threshold that is a value where there is one to set.
func TestWhatOperatorsWatchHasAnAlert(t *testing.T) {
	text := string(read(t, files+"alerts.yaml"))
	for what, want := range map[string][3]string{
		"events":             {"MillraceJobReadsNothing", "millrace_records_in_total", "${idleLagRecords}"},
		"bytes":              {"MillraceWorkerMovesManyBytes", "millrace_bytes_out_total", "${workerBytesPerSecond}"},
		"processing latency": {"MillraceSlowProcessing", "millrace_processing_latency_seconds_bucket", "${processingLatencySeconds}"},
		"end-to-end latency": {"MillraceResultsAreOld", "millrace_end_to_end_latency_seconds_bucket", "${endToEndLatencySeconds}"},
		"lag":                {"MillraceJobFallsBehind", "millrace_lag_records", "${lagSeconds}"},
		"commit time":        {"MillraceSlowCommits", "millrace_commit_seconds_total", "${commitSeconds}"},
		"backpressure":       {"MillraceBackpressure", "millrace_backpressure_seconds_total", "${backpressureShare}"},
		"errors":             {"MillraceErrors", "millrace_errors_total", "${errorsPerSecond}"},
	} {
		_, rule, found := strings.Cut(text, "- alert: "+want[0]+"\n")
		rule, _, _ = strings.Cut(rule, "- alert: ")
		if !found || !strings.Contains(rule, want[1]) || !strings.Contains(rule, want[2]) {
			t.Errorf("%s: no alert %s of %s with %s", what, want[0], want[1], want[2])
		}
	}
}

// withThresholds does what the chart does: it puts the values in. Every one is asked for, and no other.
func withThresholds(t *testing.T, text []byte) []byte {
	t.Helper()
	var values struct {
		Monitoring struct {
			Alerts struct{ Thresholds map[string]float64 }
		}
	}
	if err := yaml.Unmarshal(read(t, "../../charts/millrace/values.yaml"), &values); err != nil {
		t.Fatal(err)
	}
	_, rules, _ := bytes.Cut(text, []byte("groups:"))
	for name, value := range values.Monitoring.Alerts.Thresholds {
		place := []byte("${" + name + "}")
		if !bytes.Contains(rules, place) {
			t.Errorf("no alert asks for the threshold %s", name)
		}
		rules = bytes.ReplaceAll(rules, place, []byte(strconv.FormatFloat(value, 'g', -1, 64)))
	}
	for _, left := range regexp.MustCompile(`\$\{[^}]*\}`).FindAll(rules, -1) {
		t.Errorf("%s is no threshold of values.yaml", left)
	}
	return append([]byte("groups:"), rules...)
}

// known looks whether the metrics that a file asks for are in the reference, which lists those that there are. The series of a histogram have names
// of their own.
func known(t *testing.T, name string, text []byte) {
	t.Helper()
	metric := regexp.MustCompile(`millrace_[a-z_]+`)
	row := regexp.MustCompile("(?m)^\\| `(millrace_[a-z_]+)[^|]*\\| (histogram:)?")
	var reference []string
	for _, file := range []string{"metrics.md", "operator-metrics.md"} {
		for _, m := range row.FindAllStringSubmatch(string(read(t, "../../docs/reference/"+file)), -1) {
			if m[2] == "" {
				reference = append(reference, m[1])
				continue
			}
			reference = append(reference, m[1]+"_bucket", m[1]+"_sum", m[1]+"_count")
		}
	}
	for _, m := range metric.FindAllString(string(text), -1) {
		if !slices.Contains(reference, m) && m != "millrace_dev_job" {
			t.Errorf("%s asks for %s, which neither a worker nor the operator has", name, m)
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
