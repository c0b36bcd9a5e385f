package httpapi

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"github.com/millrace/millrace/runtime/fault"
)

// What one who comes to a door may take of the worker.
const (
	plainConnections   = 512 // so many that it takes some doing to keep the probes out
	securedConnections = 64
	maxHeaderBytes     = 16 << 10
	maxBodyBytes       = 4 << 10

	headerTimeout   = 5 * time.Second
	readTimeout     = 10 * time.Second
	writeTimeout    = 30 * time.Second
	idleTimeout     = time.Minute
	shutdownTimeout = 2 * time.Second
)

// Door is a listener with a server behind it.
type Door struct {
	listener net.Listener
	server   *http.Server
	served   chan error
	log      *slog.Logger
}

// Listen opens a listener, HOST:PORT, for Serve, or returns a User error.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "listen on %s", address)
	}
	return listener, nil
}

// Serve serves until Close, over TLS where there is a config. It takes the listener over. The server's own goroutine ends with Close.
func Serve(listener net.Listener, handler http.Handler, config *tls.Config, log *slog.Logger) *Door {
	var protocols http.Protocols
	protocols.SetHTTP1(true) // a connection then is one request at a time, so that bounding those bounds these
	most := plainConnections
	if config != nil {
		most = securedConnections
	}
	d := &Door{listener: netutil.LimitListener(listener, most), served: make(chan error, 1), log: log}
	d.server = &http.Server{
		Handler: handler, TLSConfig: config, Protocols: &protocols, MaxHeaderBytes: maxHeaderBytes,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // whoever comes can make it write
	}
	go func() {
		if config != nil {
			d.served <- d.server.ServeTLS(d.listener, "", "")
			return
		}
		d.served <- d.server.Serve(d.listener)
	}()
	return d
}

// Close lets requests end for a moment, and returns when the server has ended.
func (d *Door) Close(ctx context.Context) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := d.server.Shutdown(closing); err != nil {
		_ = d.server.Close()
	}
	if err := <-d.served; !errors.Is(err, http.ErrServerClosed) {
		d.log.Warn("the HTTP server ended early", "cause", err)
	}
}

// Loopback says that no other machine reaches a listener.
func Loopback(l net.Listener) bool {
	tcp, ok := l.Addr().(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// bounded refuses long bodies; no page reads one.
func bounded(next http.Handler) http.Handler { return http.MaxBytesHandler(next, maxBodyBytes) }
