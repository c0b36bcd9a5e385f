package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// failure is the body of an answer that is none.
type failure struct {
	Error string `json:"error"`
	// Operators are those that there are, where another one was asked for.
	Operators []string `json:"operators,omitempty"`
	// Worker and Instance name who has the key.
	Worker   *int   `json:"worker,omitempty"`
	Instance string `json:"instance,omitempty"`
}

// answer writes JSON.
func answer(w http.ResponseWriter, code int, body any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes()) // the reader has gone away
}
