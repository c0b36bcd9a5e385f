package httpapi

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	minTokenBytes = 16
	maxTokenBytes = 4 << 10
)

// Token is a bearer token in a file. A file that was changed counts with the next request; one that is gone, or holds no
// token, lets nobody in. It is safe for concurrent use.
type Token struct {
	log *slog.Logger

	mu    sync.Mutex
	files files
	sum   [sha256.Size]byte
	valid bool
	said  string // the last problem that was logged
}

// NewToken reads a token from a file, its first line, or returns a User error.
func NewToken(path string, log *slog.Logger) (*Token, error) {
	t := &Token{log: log, files: files{paths: []string{path}}}
	return t, t.load()
}

// load reads the file if it is not as it was.
func (t *Token) load() error {
	now, same, err := t.files.look()
	if err != nil {
		t.valid, t.files.stamps = false, nil
		return err
	}
	if same {
		return nil
	}
	t.valid, t.files.stamps = false, nil
	text, err := read(t.files.paths[0])
	if err != nil {
		return err
	}
	if text = bytes.TrimRight(text, "\r\n"); len(text) < minTokenBytes || len(text) > maxTokenBytes || bytes.ContainsAny(text, "\r\n") {
		return fault.New(fault.User, fault.Place{}, "the file %s does not hold a token of %d to %d bytes in one line", t.files.paths[0], minTokenBytes, maxTokenBytes).
			Do("write one that nobody can guess, as by openssl rand -hex 32")
	}
	t.sum, t.valid, t.files.stamps = sha256.Sum256(text), true, now
	return nil
}

// is says whether a text is the token. How long that takes says nothing of the token.
func (t *Token) is(text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	problem := ""
	if err := t.load(); err != nil {
		problem = err.Error()
	}
	if problem != t.said {
		t.said = problem
		if problem != "" {
			t.log.Warn("nobody is let in: there is no token", "cause", problem)
		}
	}
	sum := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(sum[:], t.sum[:]) == 1 && t.valid
}

// guard lets those in who have the token.
func (t *Token) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || !t.is(strings.TrimSpace(token)) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			answer(w, http.StatusUnauthorized, failure{Error: "unauthorized"})
			return
		}
		next.ServeHTTP(w, r)
	})
}
