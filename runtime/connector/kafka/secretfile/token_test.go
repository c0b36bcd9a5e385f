package secretfile_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/fault"
)

// tokenServer knows one client, and gives its tokens numbers.
type tokenServer struct {
	*httptest.Server
	secret  atomic.Value // string
	seconds atomic.Int64 // how long tokens are good for
	asked   atomic.Int64
}

func newTokenServer(t *testing.T) *tokenServer {
	t.Helper()
	s := &tokenServer{}
	s.secret.Store("first secret")
	s.seconds.Store(3600)
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || user != "me" || strings.ReplaceAll(password, "+", " ") != s.secret.Load() {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":"invalid_client","error_description":"a page that is nobody's business"}`))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"access_token": fmt.Sprintf("token %d for %s", s.asked.Add(1), r.FormValue("scope")), "token_type": "bearer", "expires_in": s.seconds.Load(),
		})
	})
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/token", http.StatusTemporaryRedirect)
	})
	s.Server = httptest.NewTLSServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *tokenServer) files(f folder, path string) secretfile.Files {
	return secretfile.Files{Mechanism: "OAUTHBEARER", TokenServer: secretfile.TokenServer{
		URL: s.URL + path, ClientID: "me", Secret: f.put("client-secret", []byte("first secret\n")), Scopes: "kafka",
		CA: f.put("token-ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})),
	}}
}

func TestATokenIsKeptUntilItEndsOrTheSecretIsAnother(t *testing.T) {
	f, server := folder{t, t.TempDir()}, newTokenServer(t)
	s, err := server.files(f, "/token").Security()
	if err != nil {
		t.Fatal(err)
	}
	want := func(token string) {
		t.Helper()
		if user, got, err := s.Credentials(t.Context()); got != token || user != "" || err != nil {
			t.Errorf("got %q %q %v, want %q", user, got, err, token)
		}
	}
	want("token 1 for kafka")
	want("token 1 for kafka")
	server.secret.Store("second secret")
	f.put("client-secret", []byte("second secret"))
	server.seconds.Store(1) // as good as over
	want("token 2 for kafka")
	want("token 3 for kafka")
}

func TestATokenServerThatRefusesSaysNothingSecret(t *testing.T) {
	f, server := folder{t, t.TempDir()}, newTokenServer(t)
	files := server.files(f, "/token")
	f.put("client-secret", []byte("a wrong secret"))
	s, err := files.Security()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Credentials(t.Context())
	if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "401 with invalid_client") {
		t.Errorf("got %v", err)
	}
	for _, never := range []string{"wrong secret", "nobody's business"} {
		if strings.Contains(err.Error(), never) {
			t.Errorf("%v", err)
		}
	}
}

func TestATokenServerIsNotFollowedElsewhere(t *testing.T) {
	f, server := folder{t, t.TempDir()}, newTokenServer(t)
	s, err := server.files(f, "/elsewhere").Security()
	if err != nil {
		t.Fatal(err)
	}
	if _, token, err := s.Credentials(t.Context()); err == nil || server.asked.Load() > 0 {
		t.Errorf("got %q %v: the secret went to another place", token, err)
	}
}

func TestATokenServerThatIsIncompleteIsRefused(t *testing.T) {
	f, server := folder{t, t.TempDir()}, newTokenServer(t)
	for name, c := range map[string]struct {
		change func(*secretfile.Files)
		want   string
	}{
		"another mechanism":       {func(f *secretfile.Files) { f.Mechanism = "PLAIN" }, "it is for OAUTHBEARER"},
		"a token as well":         {func(f *secretfile.Files) { f.Password = "token" }, "a token and a token's server"},
		"no secret":               {func(f *secretfile.Files) { f.TokenServer.Secret = "" }, "needs its URL"},
		"an open connection":      {func(f *secretfile.Files) { f.TokenServer.URL = "http://login" }, "not https"},
		"a password in the URL":   {func(f *secretfile.Files) { f.TokenServer.URL = "https://me:first@login" }, "not https"},
		"a secret that is absent": {func(f *secretfile.Files) { f.TokenServer.Secret += ".none" }, "no such file"},
		"no authority":            {func(f *secretfile.Files) { f.TokenServer.CA = f.TokenServer.Secret }, "no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			files := server.files(f, "/token")
			c.change(&files)
			_, err := files.Security()
			if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "first") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
