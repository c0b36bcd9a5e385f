package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/millrace/millrace/runtime/control"
)

// New returns the handler. Status is called for each request and must be safe for concurrent use; metrics serves
// /metrics.
func New(status func() control.Status, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		code := http.StatusServiceUnavailable
		phase := status().Phase
		if phase.Ready() {
			code = http.StatusOK
		}
		text(w, code, string(phase))
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		body, err := json.Marshal(status())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // the reader has gone away
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

func text(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body + "\n")) // the reader has gone away
}
