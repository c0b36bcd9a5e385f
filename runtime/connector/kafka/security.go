package kafka

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/millrace/millrace/runtime/fault"
)

// Security is how brokers are told who we are, and how we know them. The zero value is plain text and nobody. What its
// functions return is asked for anew for each connection, so that a certificate or a password that was replaced counts without
// a restart. They must be safe for concurrent use.
type Security struct {
	// TLS returns how connections are encrypted; nil means that they are not. Where the configuration names no server, it is
	// the broker's host.
	TLS func() (*tls.Config, error)
	// Mechanism is how we authenticate; empty means not at all, unless TLS has a certificate of ours.
	Mechanism Mechanism
	// Credentials returns user and password; for OAUTHBEARER the password is the token. It is required with a Mechanism.
	Credentials func(ctx context.Context) (user, password string, err error)
}

// Mechanism is a SASL mechanism by its registered name.
type Mechanism string

// The mechanisms.
const (
	Plain       Mechanism = "PLAIN"
	ScramSHA256 Mechanism = "SCRAM-SHA-256"
	ScramSHA512 Mechanism = "SCRAM-SHA-512"
	OAuthBearer Mechanism = "OAUTHBEARER"
)

const dialTimeout = 10 * time.Second

// Check refuses, as a User error, what names no mechanism that there is, or lacks credentials.
func (s Security) Check() error {
	switch s.Mechanism {
	case "":
		return nil
	case Plain, ScramSHA256, ScramSHA512, OAuthBearer:
	default:
		return fault.New(fault.User, fault.Place{}, "unknown SASL mechanism %q", string(s.Mechanism)).
			Do("use %s, %s, %s or %s", Plain, ScramSHA256, ScramSHA512, OAuthBearer)
	}
	if s.Credentials == nil {
		return fault.New(fault.User, fault.Place{}, "SASL %s without credentials", s.Mechanism)
	}
	return nil
}

// ClientOptions are what a franz-go client needs to connect so: for the operator's, which asks for more than Admin has. The
// dialer is dial, or TCP where it is nil, in TLS.
func (s Security) ClientOptions(dial func(ctx context.Context, network, address string) (net.Conn, error)) []kgo.Opt {
	return s.options(dial)
}

// options are the client's.
func (s Security) options(dial func(ctx context.Context, network, address string) (net.Conn, error)) []kgo.Opt {
	var opts []kgo.Opt
	if s.TLS != nil {
		if dial == nil {
			dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
		}
		inner := dial
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			return s.handshake(ctx, inner, network, address)
		}
	}
	if dial != nil {
		opts = append(opts, kgo.Dialer(dial))
	}
	if m := s.mechanism(); m != nil {
		opts = append(opts, kgo.SASL(m))
	}
	return opts
}

// handshake dials and makes the connection a TLS one.
func (s Security) handshake(
	ctx context.Context, dial func(ctx context.Context, network, address string) (net.Conn, error), network, address string,
) (net.Conn, error) {
	config, err := s.TLS()
	if err != nil {
		return nil, err
	}
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, fault.Wrap(fault.User, err, "the broker's address %q", address)
		}
		config = config.Clone()
		config.ServerName = host
	}
	conn, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the handshake's error counts
		return nil, err
	}
	return secured, nil
}

func (s Security) mechanism() sasl.Mechanism {
	switch s.Mechanism {
	case Plain:
		return plain.Plain(func(ctx context.Context) (plain.Auth, error) {
			user, password, err := s.Credentials(ctx)
			return plain.Auth{User: user, Pass: password}, err
		})
	case ScramSHA256:
		return scram.Sha256(s.scram)
	case ScramSHA512:
		return scram.Sha512(s.scram)
	case OAuthBearer:
		return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
			_, token, err := s.Credentials(ctx)
			return oauth.Auth{Token: token}, err
		})
	default:
		return nil
	}
}

func (s Security) scram(ctx context.Context) (scram.Auth, error) {
	user, password, err := s.Credentials(ctx)
	return scram.Auth{User: user, Pass: password}, err
}
