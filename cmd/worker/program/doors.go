package program

import (
	"context"
	"flag"
	"log/slog"

	"github.com/millrace/millrace/runtime/httpapi"
	"github.com/millrace/millrace/runtime/worker"
)

// secured are the flags of the door that shows status and state.
type secured struct {
	address, cert, key, token string
}

func (s *secured) flags(f *flag.FlagSet) {
	f.StringVar(&s.address, "https", "", "address of status and state, for those who have the token; empty: none")
	f.StringVar(&s.cert, "https-cert", "", "file of the certificate that --https shows, PEM; read anew when it changes")
	f.StringVar(&s.key, "https-key", "", "file of the key of --https-cert, PEM")
	f.StringVar(&s.token, "https-token-file", "", "file of the bearer token that --https wants; read anew when it changes")
}

// check refuses a door without a lock.
func (s *secured) check() error {
	if s.address == "" {
		if s.cert != "" || s.key != "" || s.token != "" {
			return usage("--https-cert, --https-key or --https-token-file without --https")
		}
		return nil
	}
	for _, required := range []struct{ name, value string }{{"https-cert", s.cert}, {"https-key", s.key}, {"https-token-file", s.token}} {
		if required.value == "" {
			return usage("--https without --%s", required.name)
		}
	}
	return nil
}

// serve runs the worker with its doors open.
func (s *settings) serve(ctx context.Context, w *worker.Worker, log *slog.Logger) error {
	if s.secured.address != "" {
		door, err := s.secured.open(ctx, w, log)
		if err != nil {
			return err
		}
		defer door.Close(ctx)
	}
	if s.http != "" {
		listener, err := httpapi.Listen(ctx, s.http)
		if err != nil {
			return err
		}
		shows := s.secured.address == "" && httpapi.Loopback(listener)
		door := httpapi.Serve(listener, httpapi.Plain(w.Snapshot, metrics(w.Snapshot), shows), nil, log)
		defer door.Close(ctx)
	}
	return w.Run(ctx)
}

func (s *secured) open(ctx context.Context, w *worker.Worker, log *slog.Logger) (*httpapi.Door, error) {
	certificate, err := httpapi.NewCertificate(s.cert, s.key, log)
	if err != nil {
		return nil, err
	}
	token, err := httpapi.NewToken(s.token, log)
	if err != nil {
		return nil, err
	}
	listener, err := httpapi.Listen(ctx, s.address)
	if err != nil {
		return nil, err
	}
	return httpapi.Serve(listener, httpapi.Secured(w.Snapshot, w, token, log), certificate.Config(), log), nil
}
