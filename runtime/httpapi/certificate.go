package httpapi

import (
	"crypto/tls"
	"log/slog"
	"sync"

	"github.com/millrace/millrace/runtime/fault"
)

// Certificate is a serving certificate in files. What was changed counts with the next connection; while the files do not
// hold a certificate with its key, the one before is shown. It is safe for concurrent use.
type Certificate struct {
	log *slog.Logger

	mu    sync.Mutex
	files files
	pair  *tls.Certificate
	said  string // the last problem that was logged
}

// NewCertificate reads a certificate, with what is between it and its authority, and its key, both as PEM, or returns a User error.
func NewCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{log: log, files: files{paths: []string{cert, key}}}
	return c, c.load()
}

// load reads the files if they are not as they were.
func (c *Certificate) load() error {
	now, same, err := c.files.look()
	if err != nil || same {
		return err
	}
	cert, err := read(c.files.paths[0])
	if err != nil {
		return err
	}
	key, err := read(c.files.paths[1])
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fault.Wrap(fault.User, err, "the certificate %s with the key %s", c.files.paths[0], c.files.paths[1])
	}
	c.pair, c.files.stamps = &pair, now
	return nil
}

// Config returns the TLS configuration of a server that shows the certificate.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			problem := ""
			if err := c.load(); err != nil {
				problem = err.Error()
			}
			if problem != c.said {
				c.said = problem
				if problem != "" {
					c.log.Warn("the certificate before is shown", "cause", problem)
				}
			}
			return c.pair, nil
		},
	}
}
