package prom_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/metrics/prom"
)

// Buckets of a scrape hold all that is at most as long as their bound; those of a status each hold their own.
func TestLatenciesAndErrorsAreShown(t *testing.T) {
	s := control.Status{
		Rows: control.Rows{Bad: 1}, Aborts: 2, Restarts: 3, Snapshots: control.Snapshots{Failed: 4},
		Bytes: control.Bytes{In: 10, Out: 20, Changelogs: 30}, EndToEnd: []control.Age{{Stage: "source"}},
	}
	for _, d := range []time.Duration{time.Millisecond, 3 * time.Millisecond, time.Hour} {
		s.Processing.Add(d, 1)
	}
	s.EndToEnd[0].Oldest.Add(2*time.Minute, 1)
	s.EndToEnd[0].Newest.Add(0, 1)
	want := `
# HELP millrace_bytes_out_total Bytes of records written to sinks and exchanges, before compression.
# TYPE millrace_bytes_out_total counter
millrace_bytes_out_total 20
# HELP millrace_end_to_end_latency_seconds How old a commit's input records were when the commit was done, by their own timestamps.
# TYPE millrace_end_to_end_latency_seconds histogram
` + buckets("millrace_end_to_end_latency_seconds", `record="newest",stage="source",`, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1") + `
millrace_end_to_end_latency_seconds_sum{record="newest",stage="source"} 0
millrace_end_to_end_latency_seconds_count{record="newest",stage="source"} 1
` + buckets("millrace_end_to_end_latency_seconds", `record="oldest",stage="source",`, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1") + `
millrace_end_to_end_latency_seconds_sum{record="oldest",stage="source"} 120
millrace_end_to_end_latency_seconds_count{record="oldest",stage="source"} 1
# HELP millrace_errors_total What went wrong, by kind: bad rows, aborted transactions, returns to the group, snapshots that were not finished.
# TYPE millrace_errors_total counter
millrace_errors_total{kind="abort"} 2
millrace_errors_total{kind="bad_row"} 1
millrace_errors_total{kind="restart"} 3
millrace_errors_total{kind="snapshot"} 4
# HELP millrace_processing_latency_seconds Time from the fetch of a batch of records until the commit that covers it was done.
# TYPE millrace_processing_latency_seconds histogram
` + buckets("millrace_processing_latency_seconds", "", "1 1 2 2 2 2 2 2 2 2 2 2 2 2 2 3") + `
millrace_processing_latency_seconds_sum 3600.004
millrace_processing_latency_seconds_count 3
`
	collector := prom.NewCollector(func() control.Status { return s })
	if err := testutil.CollectAndCompare(collector, strings.NewReader(want), "millrace_bytes_out_total", "millrace_end_to_end_latency_seconds",
		"millrace_errors_total", "millrace_processing_latency_seconds"); err != nil {
		t.Error(err)
	}
}

// buckets writes the lines of a histogram's buckets.
func buckets(name, labels, counts string) string {
	bounds := strings.Fields("0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 60 +Inf")
	var lines []string
	for i, n := range strings.Fields(counts) {
		lines = append(lines, name+"_bucket{"+labels+`le="`+bounds[i]+`"} `+n)
	}
	return strings.Join(lines, "\n")
}
