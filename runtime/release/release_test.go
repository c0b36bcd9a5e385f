package release_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/release"
)

// The chart installs images of its appVersion, so the programs have that version, and the changelog tells of it.
func TestProgramsChartAndChangelogAreOfOneVersion(t *testing.T) {
	chart, err := os.ReadFile("../../charts/millrace/Chart.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"version", "appVersion"} {
		m := regexp.MustCompile(`(?m)^` + field + `: (.*)$`).FindStringSubmatch(string(chart))
		if m == nil || m[1] != release.Version {
			t.Errorf("the chart has %s %v, and the programs are of version %s", field, m, release.Version)
		}
	}
	changes, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	want := "\n## " + release.Version + " - "
	if strings.HasSuffix(release.Version, "-dev") {
		want = "\n## Unreleased\n"
	}
	if !strings.Contains(string(changes), want) {
		t.Errorf("the changelog has no section %q", strings.TrimSpace(want))
	}
}
