package secretfile

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	// tokenTimeout bounds a request for a token: a connection waits for it.
	tokenTimeout = 10 * time.Second
	// maxTokenBytes bounds what is read of an answer.
	maxTokenBytes = 1 << 20
	// tokenMargin is how long before its end a token is no longer used.
	tokenMargin = 30 * time.Second
)

// TokenServer gives tokens for the secret of a client (RFC 6749, section 4.4).
type TokenServer struct {
	// URL is the token endpoint, https://…; redirects are not followed.
	URL string
	// ClientID is the client's name, Secret the file that holds its secret, without the line's end.
	ClientID, Secret string
	// Scopes are asked for, separated by spaces; empty means none.
	Scopes string
	// CA is a file of the authorities, as PEM, that the server's certificate is checked by; empty means the system's.
	CA string
}

// checkTokenServer refuses what does not go together.
func (f Files) checkTokenServer() error {
	t := f.TokenServer
	at, err := url.Parse(t.URL)
	switch {
	case f.Mechanism != string(kafka.OAuthBearer):
		return fault.New(fault.User, fault.Place{}, "a token's server with SASL %s: it is for %s", f.Mechanism, kafka.OAuthBearer)
	case f.Password != "":
		return fault.New(fault.User, fault.Place{}, "a token and a token's server")
	case t.URL == "" || t.ClientID == "" || t.Secret == "":
		return fault.New(fault.User, fault.Place{}, "a token's server needs its URL, the client's id and a file with the client's secret")
	case err != nil || at.Scheme != "https" || at.Host == "" || at.User != nil:
		return fault.New(fault.User, fault.Place{}, "the URL of the token's server is not https://HOST[:PORT]/PATH") // it may hold a secret: it is not shown
	}
	return nil
}

// tokens fetches tokens, and keeps the last one until it ends or the client's secret is another.
type tokens struct {
	files Files

	mu    sync.Mutex
	token *oauth2.Token
	of    [sha256.Size]byte // the secret that it was given for
}

// check reads the files without asking the server.
func (t *tokens) check() error {
	if _, err := t.files.authorities(t.files.TokenServer.CA); err != nil {
		return err
	}
	_, err := t.files.read(t.files.TokenServer.Secret)
	return err
}

// credentials returns a token in place of a password.
func (t *tokens) credentials(ctx context.Context) (user, token string, err error) {
	server := t.files.TokenServer
	text, err := t.files.read(server.Secret)
	if err != nil {
		return "", "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	of := sha256.Sum256(text)
	if t.token != nil && t.of == of && (t.token.Expiry.IsZero() || time.Until(t.token.Expiry) > tokenMargin) {
		return "", t.token.AccessToken, nil
	}
	roots, err := t.files.authorities(server.CA)
	if err != nil {
		return "", "", err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: bounded{transport}, Timeout: tokenTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the secret goes to the server that was named
	}
	config := clientcredentials.Config{ClientID: server.ClientID, ClientSecret: line(text), TokenURL: server.URL, Scopes: strings.Fields(server.Scopes)}
	got, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return "", "", refusedToken(err)
	}
	t.token, t.of = got, of
	return "", got.AccessToken, nil
}

// refusedToken says why there is no token. What the server has written is not repeated: it may be any server's page.
func refusedToken(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		if secret, is := errors.AsType[*url.Error](err); is { // whose text holds the URL
			err = secret.Err
		}
		return fault.Wrap(fault.Transient, err, "ask for a token")
	}
	code := "no reason"
	if slices.Contains([]string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}, refused.ErrorCode) {
		code = refused.ErrorCode
	}
	kind, status := fault.Transient, 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	if status >= http.StatusBadRequest && status < http.StatusInternalServerError && status != http.StatusTooManyRequests {
		kind = fault.User
	}
	return fault.New(kind, fault.Place{}, "the token's server answered %d with %s", status, code).Do("check the client's id and its secret")
}

// bounded reads so much of an answer at most.
type bounded struct{ http.RoundTripper }

// RoundTrip does the request.
func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, maxTokenBytes), response.Body}
	}
	return response, err
}
