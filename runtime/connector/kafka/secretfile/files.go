package secretfile

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strings"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/secret"
)

// maxFileBytes bounds what is read of a file. Bundles of all public authorities are about 250 KiB.
const maxFileBytes = 4 << 20

// Files says where things are. The zero value is an open connection in plain text.
type Files struct {
	// TLS encrypts connections. CA is a file of the authorities, as PEM, that brokers' certificates are checked by; empty means
	// the system's, of which the worker's image has none. Cert and Key, both or none, are the client's own.
	TLS           bool
	CA, Cert, Key string
	// Mechanism is a SASL mechanism; empty means none. User holds the user's name and Password the password or the token, each
	// without the line's end; Name is the user's name itself, in place of User. OAUTHBEARER needs no user.
	Mechanism            string
	User, Name, Password string
	// TokenServer gives OAUTHBEARER its tokens, in place of Password; its zero value is none.
	TokenServer TokenServer
	// Read returns what a file holds; nil reads the disk. It must be safe for concurrent use.
	Read func(name string) ([]byte, error)
}

// Security returns the connection's security, or a User error where something is missing, does not go together, or can't
// be read.
func (f Files) Security() (kafka.Security, error) {
	if err := f.check(); err != nil {
		return kafka.Security{}, err
	}
	s := kafka.Security{Mechanism: kafka.Mechanism(f.Mechanism)}
	if f.TLS {
		s.TLS = f.config
		if _, err := f.config(); err != nil {
			return s, err
		}
	}
	switch {
	case f.Mechanism == "":
	case f.TokenServer.URL != "":
		t := &tokens{files: f}
		s.Credentials = t.credentials
		if err := t.check(); err != nil {
			return s, err
		}
	default:
		s.Credentials = func(context.Context) (user, password string, err error) { return f.credentials() }
		if _, _, err := f.credentials(); err != nil {
			return s, err
		}
	}
	return s, s.Check()
}

// check refuses what does not go together.
func (f Files) check() error {
	switch {
	case (f.Cert == "") != (f.Key == ""):
		return fault.New(fault.User, fault.Place{}, "a client certificate needs its key, and a key its certificate")
	case !f.TLS && (f.CA != "" || f.Cert != ""):
		return fault.New(fault.User, fault.Place{}, "certificates without TLS")
	}
	return f.checkSASL()
}

// checkSASL is check for who we are.
func (f Files) checkSASL() error {
	switch {
	case f.Mechanism == "" && (f.User != "" || f.Name != "" || f.Password != "" || f.TokenServer != TokenServer{}):
		return fault.New(fault.User, fault.Place{}, "SASL credentials without a mechanism")
	case f.User != "" && f.Name != "":
		return fault.New(fault.User, fault.Place{}, "a SASL user and a file that holds one")
	case f.TokenServer != TokenServer{}:
		return f.checkTokenServer()
	case f.Mechanism != "" && f.Password == "":
		return fault.New(fault.User, fault.Place{}, "SASL %s without a password file", f.Mechanism)
	case f.Mechanism != "" && f.Mechanism != string(kafka.OAuthBearer) && f.User == "" && f.Name == "":
		return fault.New(fault.User, fault.Place{}, "SASL %s without a user file", f.Mechanism)
	}
	return nil
}

func (f Files) config() (*tls.Config, error) {
	roots, err := f.authorities(f.CA)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	if f.Cert == "" {
		return config, nil
	}
	cert, err := f.read(f.Cert)
	if err != nil {
		return nil, err
	}
	key, err := f.read(f.Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "the client certificate %s with the key %s", f.Cert, f.Key)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// authorities reads a file of authorities; nil, for an empty name, are the system's.
func (f Files) authorities(name string) (*x509.CertPool, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // which is how crypto/tls has it
	}
	text, err := f.read(name)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fault.New(fault.User, fault.Place{}, "%s holds no certificate in PEM form", name)
	}
	return pool, nil
}

func (f Files) credentials() (user, password string, err error) {
	user = f.Name
	if f.User != "" {
		text, err := f.read(f.User)
		if err != nil {
			return "", "", err
		}
		user = line(text)
	}
	text, err := f.read(f.Password)
	if err != nil {
		return "", "", err
	}
	return user, line(text), nil
}

// Line returns what a file holds, without the line's end: a password, for other servers than Kafka's.
func Line(path string) (string, error) {
	text, err := read(path)
	return line(text), err
}

// line is a file's text without the end of its last line.
func line(text []byte) string { return strings.TrimRight(string(text), "\r\n") }

func (f Files) read(name string) ([]byte, error) {
	if f.Read != nil {
		return f.Read(name)
	}
	return read(name)
}

func read(path string) ([]byte, error) { return secret.Read(path, maxFileBytes) }
