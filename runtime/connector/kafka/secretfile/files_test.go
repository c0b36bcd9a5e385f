package secretfile_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/fault"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{}
	a.cert, a.key, a.pem, _ = issue(t, name, nil)
	return a
}

// issue makes a certificate for loopback, signed by an authority or by itself.
func issue(t *testing.T, name string, by *authority) (cert *x509.Certificate, key *ecdsa.PrivateKey, certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: by == nil,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	parent, signer := form, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, form, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}

// folder holds files by name.
type folder struct {
	t   *testing.T
	dir string
}

func (f folder) put(name string, text []byte) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// ping asks the cluster for an answer, by a new connection.
func ping(t *testing.T, cluster *kfake.Cluster, s kafka.Security) error {
	t.Helper()
	admin, err := kafka.NewAdmin(kafka.Options{Brokers: cluster.ListenAddrs(), Security: s, RequestRetries: 1})
	if err != nil {
		return err
	}
	defer admin.Close()
	return admin.Ping(t.Context())
}

// A certificate and a password that are replaced count for the next connection.
func TestFilesAreReadForEachConnection(t *testing.T) {
	f := folder{t, t.TempDir()}
	brokers, others, clients := newAuthority(t, "brokers"), newAuthority(t, "others"), newAuthority(t, "clients")
	_, _, certPEM, keyPEM := issue(t, "broker", brokers)
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(clients.cert)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "ann", "secret"),
		kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	_, _, ownCert, ownKey := issue(t, "ann", clients)
	files := secretfile.Files{
		TLS: true, CA: f.put("ca.pem", others.pem), Cert: f.put("cert.pem", ownCert), Key: f.put("key.pem", ownKey),
		Mechanism: "SCRAM-SHA-256", User: f.put("user", []byte("ann\n")), Password: f.put("password", []byte("wrong\r\n")),
	}
	s, err := files.Security()
	if err != nil {
		t.Fatal(err)
	}
	if err := ping(t, cluster, s); err == nil {
		t.Error("a broker of another authority was believed")
	}
	f.put("ca.pem", brokers.pem)
	if err := ping(t, cluster, s); err == nil || strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with the wrong password: %v", err)
	}
	f.put("password", []byte("secret\n"))
	if err := ping(t, cluster, s); err != nil {
		t.Error(err)
	}
	_, _, strange, strangeKey := issue(t, "bob", others)
	f.put("cert.pem", strange)
	f.put("key.pem", strangeKey)
	if err := ping(t, cluster, s); err == nil {
		t.Error("a certificate of another authority was taken")
	}
}

func TestWhatDoesNotGoTogetherIsRefused(t *testing.T) {
	f := folder{t, t.TempDir()}
	password := f.put("password", []byte("secret"))
	for name, c := range map[string]struct {
		files secretfile.Files
		want  string
	}{
		"a certificate without its key": {secretfile.Files{TLS: true, Cert: "cert"}, "needs its key"},
		"certificates without TLS":      {secretfile.Files{CA: "ca"}, "without TLS"},
		"a password for nothing":        {secretfile.Files{Password: password}, "without a mechanism"},
		"no password":                   {secretfile.Files{Mechanism: "PLAIN"}, "without a password file"},
		"no user":                       {secretfile.Files{Mechanism: "PLAIN", Password: password}, "without a user file"},
		"another mechanism":             {secretfile.Files{Mechanism: "GSSAPI", User: password, Password: password}, `unknown SASL mechanism "GSSAPI"`},
		"a file that is not there":      {secretfile.Files{Mechanism: "OAUTHBEARER", Password: "none"}, "no such file"},
		"a file without a certificate":  {secretfile.Files{TLS: true, CA: password}, "no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.files.Security()
			if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret\"") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
