package workerapi_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/millrace/millrace/controllers/workerapi"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/httpapi"
	"github.com/millrace/millrace/runtime/metrics/prom"
)

// A worker's own door is asked, so that a metric which is renamed there is missed here.
func TestAReportIsWhatTheWorkerShows(t *testing.T) {
	status := func() control.Status {
		return control.Status{
			Phase: control.Running, Spent: control.Spent{Busy: 1.5, Backpressure: 2.5, Commit: 3.5, Idle: 4.5},
			Tasks: []control.Task{
				{ID: "source-a/b/3", Topic: "flights", Partition: 3, Source: true, LagRecords: 41, BusySeconds: 1.25, Rows: control.Rows{In: 700}},
				{ID: "sum/0", Topic: "c.ns.job.1.x", Partition: 0, LagRecords: 2},
			},
		}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(prom.NewCollector(status))
	server := httptest.NewServer(httpapi.Plain(status, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), false))
	t.Cleanup(server.Close)
	got, err := workerapi.New().Ask(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	want := &workerapi.Report{
		Ready: true, Busy: 1.5, Backpressure: 2.5, Commit: 3.5, Idle: 4.5,
		Tasks: []workerapi.Task{{Stage: "source-a/b", Partition: 3, Rows: 700, Busy: 1.25}, {Stage: "sum"}},
		Lag:   map[workerapi.Partition]int64{{Topic: "flights", Number: 3}: 41, {Topic: "c.ns.job.1.x"}: 2},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWhatIsNoAnswerIsAnError(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for name, c := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		says   string
	}{
		"another program": {http.StatusOK, "up 1\n", fault.Corrupt, "no metrics of a worker"},
		"no metrics":      {http.StatusOK, "<html>", fault.Corrupt, "read the metrics"},
		"an old worker":   {http.StatusOK, "# TYPE millrace_ready gauge\nmillrace_ready 1\n", fault.Corrupt, "use workers of the operator's version"},
		"an error":        {http.StatusInternalServerError, "", fault.Transient, "500"},
		"a redirect":      {http.StatusFound, "", fault.Transient, "302"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(c.status)
			if _, err := w.Write([]byte(c.body)); err != nil {
				log.Error("write", "error", err)
			}
		}))
		_, err := workerapi.New().Ask(t.Context(), server.Listener.Addr().String())
		server.Close()
		if err == nil || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := workerapi.New().Ask(t.Context(), "127.0.0.1:1"); fault.KindOf(err) != fault.Transient {
		t.Errorf("nobody there: %v", err)
	}
}
