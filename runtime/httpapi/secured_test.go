package httpapi_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/httpapi"
	"github.com/millrace/millrace/runtime/types"
)

const (
	firstToken  = "0123456789abcdef-first"
	secondToken = "0123456789abcdef-second"
)

// fakeState answers by the operator's name, and remembers the key.
type fakeState struct{ key string }

func (*fakeState) Operators() []control.Stateful {
	return []control.Stateful{{ID: "count", Stage: "s1", Kind: "aggregate", Partitions: 4, Key: []types.Column{{Name: "k", Kind: types.String}}, Values: []types.Column{{Name: "COUNT(*)", Kind: types.BigInt}}}}
}

func (f *fakeState) Ask(_ context.Context, operator, key string) (*control.State, error) {
	f.key = key
	switch operator {
	case "count":
		return &control.State{
			Operator: "count", Stage: "s1", Partition: 2, Epoch: 3, Worker: 1, Key: json.RawMessage(`["<a>"]`),
			AsOf:    control.Commit{Seq: 7, ChangelogOffset: 99, Watermark: 1_000_000},
			Windows: []control.Window{{Start: "1970-01-01T00:00:00Z", End: "1970-01-01T00:00:10Z", Values: json.RawMessage(`{"COUNT(*)":3}`)}},
		}, nil
	case "bad":
		return nil, &control.BadKeyError{Cause: errors.New(`column "k": expected STRING`)}
	case "elsewhere":
		return nil, &control.ElsewhereError{Worker: 0, Instance: "local.job.0"}
	case "later":
		return nil, &control.NotNowError{Why: "the key's partition is being restored"}
	case "broken":
		return nil, errors.New("a secret of the disk")
	default:
		return nil, &control.UnknownOperatorError{Operator: operator, Known: []string{"count"}}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func put(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil { // as a mounted Secret changes
		t.Fatal(err)
	}
	return path
}

func TestTheSecuredDoorAnswersWhatIsAsked(t *testing.T) {
	cases := map[string]struct {
		path, key string
		code      int
		want      string
		header    [2]string
	}{
		"the status": {path: "/v1/status", code: 200, want: `{"version":1,"phase":"Running",`},
		"the operators": {path: "/v1/state", code: 200, want: `{"version":1,"operators":[{"id":"count","stage":"s1","kind":"aggregate","partitions":4,` +
			`"key":[{"name":"k","type":"STRING"}],"values":[{"name":"COUNT(*)","type":"BIGINT"}]}]}` + "\n"},
		"a key": {path: "/v1/state/count/a", key: "a", code: 200, want: `{"version":1,"operator":"count","stage":"s1","partition":2,"epoch":3,"worker":1,"key":["<a>"],` +
			`"asOf":{"seq":7,"changelogOffset":99,"watermark":"1000000"},"windows":[{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:10Z","values":{"COUNT(*)":3}}]}` + "\n"},
		"a key with a slash, a percent sign and dots": {path: "/v1/state/count/a%2Fb%25c%2F..%2F%2F%20%C3%A9", key: "a/b%c/..// é", code: 200, want: `{"version":1`},
		"a key as an array":                           {path: `/v1/state/count/%5B%22a%2Fb%22%2C1%2Cnull%5D`, key: `["a/b",1,null]`, code: 200, want: `{"version":1`},
		"an operator that is not there":               {path: "/v1/state/other/a", key: "a", code: 404, want: `{"error":"there is no operator \"other\" with state","operators":["count"]}` + "\n"},
		"a malformed key":                             {path: "/v1/state/bad/a", key: "a", code: 400, want: `{"error":"the key: column \"k\": expected STRING"}` + "\n"},
		"a key of another worker":                     {path: "/v1/state/elsewhere/a", key: "a", code: 421, want: `{"error":"worker 0 has this key","worker":0,"instance":"local.job.0"}` + "\n"},
		"a key that is being restored":                {path: "/v1/state/later/a", key: "a", code: 503, want: `{"error":"the key's partition is being restored"}` + "\n", header: [2]string{"Retry-After", "1"}},
		"a store that can't be read":                  {path: "/v1/state/broken/a", key: "a", code: 500, want: `{"error":"the state can't be read; see the worker's log"}` + "\n"},
		"what is not there":                           {path: "/status", code: 404, want: "404"},
	}
	status := func() control.Status { return control.Status{Phase: control.Running} }
	token, err := httpapi.NewToken(put(t, t.TempDir(), "token", []byte(firstToken+"\n")), quiet())
	if err != nil {
		t.Fatal(err)
	}
	state := &fakeState{}
	handler := httpapi.Secured(status, state, token, quiet())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			state.key = ""
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.path, http.NoBody)
			r.Header.Set("Authorization", "Bearer "+firstToken)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != c.code || !strings.HasPrefix(w.Body.String(), c.want) || state.key != c.key {
				t.Errorf("%d %s, key %q", w.Code, w.Body, state.key)
			}
			if h := c.header; w.Header().Get(h[0]) != h[1] && h[0] != "" {
				t.Errorf("%s: %q", h[0], w.Header().Get(h[0]))
			}
		})
	}
	t.Run("other methods are refused", func(t *testing.T) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/status", strings.NewReader("x"))
		r.Header.Set("Authorization", "bearer "+firstToken)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%d", w.Code)
		}
	})
}

func TestWithoutTheTokenNobodyLearnsAnything(t *testing.T) {
	token, err := httpapi.NewToken(put(t, t.TempDir(), "token", []byte(firstToken)), quiet())
	if err != nil {
		t.Fatal(err)
	}
	handler := httpapi.Secured(func() control.Status { return control.Status{} }, &fakeState{}, token, quiet())
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer " + firstToken[:len(firstToken)-1], "Bearer " + firstToken + "x", "Basic " + firstToken, firstToken} {
		for _, path := range []string{"/v1/status", "/v1/state/other/a", "/nothing"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			if header != "" {
				r.Header.Set("Authorization", header)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != "Bearer" || w.Body.String() != `{"error":"unauthorized"}`+"\n" {
				t.Errorf("%q %s: %d %q %s", header, path, w.Code, w.Header().Get("WWW-Authenticate"), w.Body)
			}
		}
	}
}

// certificate makes a certificate for loopback that signs itself.
func certificate(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &made.PublicKey, made)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalECPrivateKey(made)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text})
}

// get asks for the status by a new connection.
func get(t *testing.T, address string, trusted []byte, token string) (int, error) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(trusted)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/v1/status", http.NoBody)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// A certificate and a token that are replaced count at once. A certificate that is no good leaves the one before, a token that
// is none lets nobody in.
func TestWhatIsReplacedCountsAtOnce(t *testing.T) {
	dir := t.TempDir()
	oldCert, oldKey := certificate(t, "old")
	newCert, newKey := certificate(t, "new")
	certFile, keyFile, tokenFile := put(t, dir, "tls.crt", oldCert), put(t, dir, "tls.key", oldKey), put(t, dir, "token", []byte(firstToken+"\n"))
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	cert, err := httpapi.NewCertificate(certFile, keyFile, log)
	if err != nil {
		t.Fatal(err)
	}
	token, err := httpapi.NewToken(tokenFile, log)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := httpapi.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	status := func() control.Status { return control.Status{} }
	door := httpapi.Serve(listener, httpapi.Secured(status, &fakeState{}, token, quiet()), cert.Config(), quiet())
	address := listener.Addr().String()
	expect := func(what string, trusted []byte, bearer string, code int) {
		t.Helper()
		got, err := get(t, address, trusted, bearer)
		if code == 0 {
			if err == nil {
				t.Errorf("%s: answered %d", what, got)
			}
			return
		}
		if err != nil || got != code {
			t.Errorf("%s: %d %v", what, got, err)
		}
	}
	expect("at first", oldCert, firstToken, 200)
	expect("another's certificate", newCert, firstToken, 0)
	put(t, dir, "tls.crt", newCert)
	expect("a certificate without its key yet", oldCert, firstToken, 200)
	put(t, dir, "tls.key", newKey)
	expect("the new certificate", newCert, firstToken, 200)
	expect("the old certificate", oldCert, firstToken, 0)
	put(t, dir, "token", []byte(secondToken))
	expect("the new token", newCert, secondToken, 200)
	expect("the old token", newCert, firstToken, 401)
	put(t, dir, "token", []byte("short"))
	expect("no token any more", newCert, "short", 401)
	expect("nor the one before", newCert, secondToken, 401)
	if err := os.Remove(tokenFile); err != nil {
		t.Fatal(err)
	}
	expect("the token is gone", newCert, secondToken, 401)
	put(t, dir, "token", []byte(secondToken))
	expect("the token is back", newCert, secondToken, 200)
	door.Close(t.Context())
	expect("closed", newCert, secondToken, 0)
	if text := said.String(); strings.Contains(text, firstToken) || strings.Contains(text, secondToken) || strings.Count(text, "\n") < 3 {
		t.Errorf("the log: %s", text)
	}
}

func TestADoorWithoutALockIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"empty": "", "short": "0123456789abcde", "two lines": firstToken + "\n" + firstToken} {
		if _, err := httpapi.NewToken(put(t, dir, "token", []byte(text)), quiet()); err == nil || strings.Contains(err.Error(), firstToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := httpapi.NewToken(filepath.Join(dir, "none"), quiet()); err == nil {
		t.Error("no token file, no error")
	}
	cert, _ := certificate(t, "a")
	_, key := certificate(t, "b")
	if _, err := httpapi.NewCertificate(put(t, dir, "c", cert), put(t, dir, "k", key), quiet()); err == nil {
		t.Error("another's key, no error")
	}
}

// A door takes so many connections, and one more only when one has gone.
func TestTheDoorBoundsWhatComes(t *testing.T) {
	listener, err := httpapi.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	door := httpapi.Serve(listener, httpapi.Plain(func() control.Status { return control.Status{} }, http.NotFoundHandler(), false), nil, quiet())
	defer door.Close(t.Context())
	ask := func(header string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/healthz", http.NoBody)
		if err != nil {
			return nil, err
		}
		r.Header.Set("X-Long", header)
		return (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	}
	resp, err := ask(strings.Repeat("x", 1<<20))
	if err == nil {
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a megabyte of headers: %d", resp.StatusCode)
		}
	}
	var held []net.Conn
	for range 512 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	answered := make(chan int, 1)
	go func() {
		code := 0
		if resp, err := ask(""); err == nil {
			code = resp.StatusCode
			_ = resp.Body.Close()
		}
		answered <- code
	}()
	select {
	case code := <-answered:
		t.Errorf("one more was answered: %d", code)
	case <-time.After(100 * time.Millisecond): // by then it would have been
	}
	for _, c := range held {
		_ = c.Close()
	}
	if code := <-answered; code != 200 {
		t.Errorf("after the others had gone: %d", code)
	}
}

func TestThePlainDoorShowsNoStatusWhereOthersReachIt(t *testing.T) {
	for _, shows := range []bool{true, false} {
		w := httptest.NewRecorder()
		handler := httpapi.Plain(func() control.Status { return control.Status{} }, http.NotFoundHandler(), shows)
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/status", http.NoBody))
		if (w.Code == http.StatusOK) != shows {
			t.Errorf("shows %v: %d", shows, w.Code)
		}
	}
	for address, want := range map[string]bool{"127.0.0.1:0": true, "0.0.0.0:0": false, ":0": false} {
		listener, err := httpapi.Listen(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if httpapi.Loopback(listener) != want {
			t.Errorf("%s: loopback %v", address, !want)
		}
		_ = listener.Close()
	}
}
