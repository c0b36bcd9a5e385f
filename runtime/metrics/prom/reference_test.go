package prom_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/metrics/prom"
)

// The reference lists the metrics that there are, and no others.
func TestTheReferenceListsTheMetrics(t *testing.T) {
	const file = "../../../docs/reference/metrics.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(millrace_[a-z_]+)").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, m[1])
	}
	descs := make(chan *prometheus.Desc, 100)
	prom.NewCollector(func() control.Status { return control.Status{} }).Describe(descs)
	close(descs)
	var there []string
	for d := range descs {
		_, name, _ := strings.Cut(d.String(), `fqName: "`)
		name, _, _ = strings.Cut(name, `"`)
		there = append(there, name)
	}
	slices.Sort(listed)
	slices.Sort(there)
	if !slices.Equal(listed, there) {
		t.Errorf("%s lists\n%s\nthe collector has\n%s", file, strings.Join(listed, "\n"), strings.Join(there, "\n"))
	}
}
