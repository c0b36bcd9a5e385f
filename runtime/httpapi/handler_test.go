package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/httpapi"
	"github.com/millrace/millrace/runtime/metrics/prom"
)

func TestTheDoorSaysWhatTheStatusSays(t *testing.T) {
	running := control.Status{
		Phase: control.Running, Epoch: 3, Ordinal: 1, Partitions: 4, Commits: 7, LagRecords: 12,
		Rows: control.Rows{RecordsIn: 100, In: 99, Out: 50, Late: 2, Bad: 1}, Watermark: 1_000_000,
		Spent: control.Spent{Busy: 3, Backpressure: 1, Commit: 0.5, Idle: 5.5}, Shares: control.Shares{Busy: 0.25, Idle: 0.75},
		Tasks: []control.Task{{ID: "count/2", BusySeconds: 2.5, Topic: "bids", Partition: 2, Source: true, Position: 5, End: 17, LagRecords: 12, Watermark: 1_000_000}},
	}
	restoring := control.Status{Phase: control.Restoring}
	cases := map[string]struct {
		status control.Status
		path   string
		code   int
		want   []string
	}{
		"alive while it restores":     {restoring, "/healthz", 200, []string{"ok"}},
		"alive while it is at work":   {control.Status{WorkSince: time.Now().Add(-control.StuckAfter + time.Minute)}, "/healthz", 200, []string{"ok"}},
		"not alive where it is stuck": {control.Status{Phase: control.Running, WorkSince: time.Now().Add(-control.StuckAfter)}, "/healthz", 503, []string{"one piece of work since 20"}},
		"not ready while it restores": {restoring, "/readyz", 503, []string{"Restoring"}},
		"ready once it runs":          {running, "/readyz", 200, []string{"Running"}},
		"the status is JSON":          {running, "/status", 200, []string{`"phase":"Running"`, `"lagRecords":12`, `"busySeconds":3`, `"shares":{"busy":0.25,`, `"id":"count/2"`, `"watermark":"1000000"`}},
		"metrics have the counts": {running, "/metrics", 200, []string{
			"millrace_rows_in_total 99", "millrace_rows_out_total 50", "millrace_rows_late_total 2", "millrace_rows_bad_total 1", "millrace_commits_total 7",
			`millrace_lag_records{partition="2",topic="bids"} 12`, `millrace_task_busy_seconds_total{task="count/2"} 2.5`, "millrace_busy_seconds_total 3", "millrace_backpressure_seconds_total 1",
			"millrace_commit_seconds_total 0.5", "millrace_idle_seconds_total 5.5", "millrace_ready 1", "millrace_watermark_seconds 1",
		}},
		"what is not there is not found": {running, "/other", 404, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status := func() control.Status { return c.status }
			registry := prometheus.NewRegistry()
			registry.MustRegister(prom.NewCollector(status))
			server := httptest.NewServer(httpapi.Plain(status, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), true))
			defer server.Close()
			resp, err := http.Get(server.URL + c.path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != c.code {
				t.Errorf("status %d, want %d", resp.StatusCode, c.code)
			}
			for _, w := range c.want {
				if !strings.Contains(string(body), w) {
					t.Errorf("no %q in\n%s", w, body)
				}
			}
		})
	}
}
