package remote

import (
	"crypto/tls"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/millrace/millrace/runtime/fault"
)

// DefaultPatience is how long a call waits for a server that is away.
const DefaultPatience = 5 * time.Second

// Server says how a server is reached.
type Server struct {
	// URL names the server. It holds no password.
	URL string
	// Password returns the password; it is asked for each connection. Nil means none.
	Password func() (string, error)
	// TLS returns how the server is checked, where the URL asks for TLS; nil means by the system's authorities.
	TLS func() (*tls.Config, error)
	// Patience is how long a call waits for a server that is away, before it is a Transient error; 0 means DefaultPatience.
	Patience time.Duration
}

// Parse reads the URL, whose scheme must be one of some, and fills in defaults. No error quotes the URL: it may hold what
// it must not.
func (s *Server) Parse(schemes ...string) (*url.URL, error) {
	if s.Patience <= 0 {
		s.Patience = DefaultPatience
	}
	u, err := url.Parse(s.URL)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" || u.Opaque != "" || u.Fragment != "" {
		return nil, fault.New(fault.User, fault.Place{}, "the URL of the state's server is not %s://USER@HOST:PORT/DATABASE", schemes[0])
	}
	if _, has := u.User.Password(); has {
		return nil, fault.New(fault.User, fault.Place{}, "the URL of the state's server holds a password").
			Do("name a file that holds it")
	}
	return u, nil
}

// Config returns the TLS configuration for a host.
func (s *Server) Config(host string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		made, err := s.TLS()
		if err != nil {
			return nil, err
		}
		config = made.Clone()
	}
	config.ServerName = host
	return config, nil
}

// Secret returns the password, empty for none.
func (s *Server) Secret() (string, error) {
	if s.Password == nil {
		return "", nil
	}
	return s.Password()
}

// Away wraps an error of the network, or of what should be behind it.
func Away(err error, task, host string) error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fault.Wrap(fault.User, err, "the state of task %s", task).Do("name the authorities of the server %s, and the server as its certificate does", host)
	}
	return fault.Wrap(fault.Transient, err, "the state of task %s", task).Do("see that the server %s is up and can be reached", host)
}
