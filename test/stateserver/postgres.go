package stateserver

import (
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

const role = "millrace"

// Postgres starts a PostgreSQL with an empty database. It refuses to run as root, so it runs as nobody then.
func Postgres(tb testing.TB) *Server {
	tb.Helper()
	folder, err := os.MkdirTemp("", "millrace-postgres-") //nolint:usetesting // other users can't get into a test's own folder
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(folder) })
	as := unprivileged(tb, folder)
	secret := filepath.Join(folder, "password")
	if err := os.WriteFile(secret, []byte(Password+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	cert, key := certificate(tb, folder)
	for _, file := range []string{secret, cert, key} {
		if as == nil {
			break
		}
		if err := os.Chown(file, int(as.Uid), int(as.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(postgresProgram(tb, name), args...)
		c.Dir, c.Env = folder, append(os.Environ(), "LC_ALL=C")
		c.SysProcAttr = &syscall.SysProcAttr{Credential: as}
		return c
	}
	data, port := filepath.Join(folder, "data"), freePort(tb)
	if out, err := run("initdb", "-D", data, "-U", role, "--auth=scram-sha-256", "--pwfile="+secret, "--no-sync", "-E", "UTF8").CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	address := net.JoinHostPort("127.0.0.1", port)
	secure := "postgres://" + role + "@" + address + "/postgres"
	s := &Server{URL: secure + "?sslmode=disable", Address: address, TLSURL: secure, CA: cert}
	s.make = func() *exec.Cmd {
		// A killed process loses nothing that the kernel has, so that waiting for the disk would show nothing.
		return run("postgres", "-D", data, "-h", "127.0.0.1", "-p", port, "-k", "", "-c", "fsync=off",
			"-c", "ssl=on", "-c", "ssl_cert_file="+cert, "-c", "ssl_key_file="+key)
	}
	tb.Cleanup(func() { s.Kill(tb) })
	s.start(tb)
	return s
}

// unprivileged gives a folder to nobody and returns who that is, or nil where we are not root.
func unprivileged(tb testing.TB, folder string) *syscall.Credential {
	tb.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		tb.Fatal(err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		tb.Fatal(err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.Chown(folder, uid, gid); err != nil {
		tb.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// postgresProgram finds a program of PostgreSQL: Debian keeps them out of the path.
func postgresProgram(tb testing.TB, name string) string {
	tb.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	if len(found) > 0 {
		return slices.Max(found)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		tb.Fatal(err)
	}
	return path
}
