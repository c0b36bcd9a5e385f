package httpapi

import (
	"net/http"
	"time"

	"github.com/millrace/millrace/runtime/control"
)

// Plain returns the handler of the door that everybody may come to. Status is called for each request and must be safe for
// concurrent use; metrics serves /metrics. ShowStatus serves the status, too.
func Plain(status func() control.Status, metrics http.Handler, showStatus bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if s := status(); s.Stuck(time.Now()) {
			text(w, http.StatusServiceUnavailable, "the loop has been at one piece of work since "+s.WorkSince.UTC().Format(time.RFC3339))
			return
		}
		text(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		code := http.StatusServiceUnavailable
		phase := status().Phase
		if phase.Ready() {
			code = http.StatusOK
		}
		text(w, code, string(phase))
	})
	if showStatus {
		mux.HandleFunc("GET /status", statusPage(status))
	}
	mux.Handle("GET /metrics", metrics)
	return bounded(mux)
}

// versioned is a status as it is served.
type versioned struct {
	Version int `json:"version"`
	control.Status
}

func statusPage(status func() control.Status) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, versioned{control.APIVersion, status()})
	}
}

func text(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body + "\n")) // the reader has gone away
}
