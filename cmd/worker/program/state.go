package program

import (
	"context"
	"flag"
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/state/remote"
)

// stateServer says how the server of the state is reached.
type stateServer struct{ url, password, ca string }

func (s *stateServer) flags(f *flag.FlagSet) {
	f.StringVar(&s.url, "state-url", "", "server of --state-backend redis, redis://[USER@]HOST[:PORT][/NUMBER] or rediss:// for TLS, or of postgres, postgres://USER@HOST[:PORT]/DATABASE, over TLS unless it ends in ?sslmode=disable; without a password")
	f.StringVar(&s.password, "state-password-file", "", "file that holds the password of --state-url; empty: none")
	f.StringVar(&s.ca, "state-tls-ca", "", "file of the authorities that the certificate of --state-url is checked by, PEM; empty: the system's, of which the worker's image has none")
}

// server reads nothing yet, but looks whether the files are there.
func (s *stateServer) server() (remote.Server, error) {
	server := remote.Server{URL: s.url}
	if s.password != "" {
		server.Password = func() (string, error) { return secretfile.Line(s.password) }
		if _, err := server.Password(); err != nil {
			return server, err
		}
	}
	security, err := secretfile.Files{TLS: true, CA: s.ca}.Security()
	server.TLS = security.TLS
	return server, err
}

// backend opens where state is kept.
func (s *settings) backend(ctx context.Context, log *slog.Logger) (state.Backend, error) {
	switch s.stateBackend {
	case backendMemory:
		return memory.New(), nil
	case backendPebble:
		return pebblestore.Open(s.stateDir, vfs.Default, s.memory.store, pebblestore.Stamp{Job: s.prefix, StateEpoch: s.stateEpoch}, log)
	}
	server, err := s.stateServer.server()
	if err != nil {
		return nil, err
	}
	open := s.links.Redis
	if s.stateBackend == backendPostgres {
		open = s.links.Postgres
	}
	return open(ctx, server, s.prefix, s.stateEpoch)
}
