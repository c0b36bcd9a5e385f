package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/millrace/millrace/runtime/control"
)

// askPatience is how long an answer of the worker is waited for.
const askPatience = 5 * time.Second

// State is whom the state is asked of. It is safe for concurrent use.
type State interface {
	// Operators lists the operators that have state.
	Operators() []control.Stateful
	// Ask returns what is committed of a key of an operator, or one of the errors of package control.
	Ask(ctx context.Context, operator, key string) (*control.State, error)
}

// Secured returns the handler of the door that wants a token.
func Secured(status func() control.Status, state State, token *Token, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", statusPage(status))
	mux.HandleFunc("GET /v1/state", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, struct {
			Version   int                `json:"version"`
			Operators []control.Stateful `json:"operators"`
		}{control.APIVersion, state.Operators()})
	})
	mux.HandleFunc("GET /v1/state/{operator}/{key}", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), askPatience)
		defer cancel()
		found, err := state.Ask(ctx, r.PathValue("operator"), r.PathValue("key"))
		if err != nil {
			refuse(w, err, log)
			return
		}
		answer(w, http.StatusOK, struct {
			Version int `json:"version"`
			*control.State
		}{control.APIVersion, found})
	})
	return bounded(token.guard(mux))
}

// refuse says why there is no state in the answer.
func refuse(w http.ResponseWriter, err error, log *slog.Logger) {
	if e, ok := errors.AsType[*control.UnknownOperatorError](err); ok {
		answer(w, http.StatusNotFound, failure{Error: e.Error(), Operators: e.Known})
		return
	}
	if e, ok := errors.AsType[*control.BadKeyError](err); ok {
		answer(w, http.StatusBadRequest, failure{Error: e.Error()})
		return
	}
	if e, ok := errors.AsType[*control.ElsewhereError](err); ok {
		answer(w, http.StatusMisdirectedRequest, failure{Error: e.Error(), Worker: &e.Worker, Instance: e.Instance})
		return
	}
	if e, ok := errors.AsType[*control.NotNowError](err); ok {
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusServiceUnavailable, failure{Error: e.Error()})
		return
	}
	log.Error("a question about state was not answered", "cause", err)
	answer(w, http.StatusInternalServerError, failure{Error: "the state can't be read; see the worker's log"})
}
