package stateserver

import (
	"bytes"
	"errors"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	readyWithin = 20 * time.Second
	readyPause  = 20 * time.Millisecond
)

// Password is what the servers ask for.
const Password = "a secret, or so"

// Server is a process that can be killed and comes back with its data.
type Server struct {
	// URL is as a worker takes it. It holds no password.
	URL string
	// Address is HOST:PORT.
	Address string
	// TLSURL is the same server over TLS, and CA a file with the authority of its certificate.
	TLSURL, CA string

	make func() *exec.Cmd
	mu   sync.Mutex
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// start runs the process and waits until it takes connections.
func (s *Server) start(tb testing.TB) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for begin := time.Now(); ; time.Sleep(readyPause) {
		if s.cmd == nil || s.cmd.ProcessState != nil {
			s.cmd = s.make()
			s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
			if s.cmd.SysProcAttr == nil {
				s.cmd.SysProcAttr = &syscall.SysProcAttr{}
			}
			s.cmd.SysProcAttr.Setpgid = true // all of it can be killed
			if err := s.cmd.Start(); err != nil {
				tb.Fatal(err)
			}
		}
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(tb.Context(), "tcp", s.Address)
		if err == nil {
			_ = conn.Close()
			return
		}
		var status syscall.WaitStatus
		if pid, _ := syscall.Wait4(s.cmd.Process.Pid, &status, syscall.WNOHANG, nil); pid > 0 {
			_ = s.cmd.Wait() // it ended, perhaps because of what a killed one has left for a moment
		}
		if time.Since(begin) > readyWithin {
			tb.Fatalf("%s does not answer:\n%s", s.Address, s.log.String())
		}
	}
}

// Kill ends the server as a crash does.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	s.end(tb, syscall.SIGKILL)
}

// Restart brings a server that was killed back.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.start(tb)
}

func (s *Server) end(tb testing.TB, with syscall.Signal) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.ProcessState != nil {
		return
	}
	if err := syscall.Kill(-s.cmd.Process.Pid, with); err != nil && !errors.Is(err, syscall.ESRCH) {
		tb.Error(err)
	}
	_ = s.cmd.Wait() // killed
}

// freePort returns a port of the loopback interface that nobody listens on.
func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
	return strconv.Itoa(port)
}
