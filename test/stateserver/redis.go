package stateserver

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Redis starts a Redis that writes its log as it goes.
func Redis(tb testing.TB) *Server {
	tb.Helper()
	folder, port := tb.TempDir(), freePort(tb)
	config := filepath.Join(folder, "redis.conf")
	cert, key := certificate(tb, folder)
	secure := freePort(tb)
	text := "tls-port " + secure + "\ntls-cert-file " + cert + "\ntls-key-file " + key + "\ntls-ca-cert-file " + cert + "\ntls-auth-clients no\n" +
		"bind 127.0.0.1\nport " + port + "\ndir " + folder + "\nappendonly yes\nsave \"\"\nrequirepass \"" + Password + "\"\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", port)
	s := &Server{URL: "redis://" + address + "/1", Address: address, TLSURL: "rediss://" + net.JoinHostPort("127.0.0.1", secure) + "/1", CA: cert}
	s.make = func() *exec.Cmd { return exec.Command("redis-server", config) }
	tb.Cleanup(func() { s.Kill(tb) })
	s.start(tb)
	return s
}
