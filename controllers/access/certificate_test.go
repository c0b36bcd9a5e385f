package access_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/test/certificate"
)

func authority(t *testing.T, name string) *certificate.Authority {
	t.Helper()
	a, err := certificate.New(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, by *certificate.Authority, name string) (cert, key []byte) {
	t.Helper()
	cert, key, err := by.Issue(name)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// A broker that asks for a certificate says in the middle of its first answer that it does not take ours.
func TestACertificateIsShownAndMustBeTaken(t *testing.T) {
	brokers, clients := authority(t, "brokers"), authority(t, "clients")
	cert, key := issue(t, brokers, "broker")
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(clients.PEM)
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12,
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	ours, oursKey := issue(t, clients, "us")
	strange, strangeKey := issue(t, authority(t, "others"), "us")
	held := func(cert, key []byte) map[string]map[string]string {
		return map[string]map[string]string{
			"ConfigMap trust": {"ca": string(brokers.PEM)}, "Secret me": {"tls.crt": string(cert), "tls.key": string(key)},
		}
	}
	c := connection(broker.ListenAddrs())
	c.Spec.SASL = nil
	c.Spec.TLS = &v1alpha1.KafkaTLS{
		CA:                &v1alpha1.Authorities{Type: v1alpha1.AuthoritiesConfigMap, ConfigMap: &v1alpha1.ConfigMapKeyReference{Name: "trust", Key: "ca"}},
		ClientCertificate: &v1alpha1.ClientCertificate{SecretRef: v1alpha1.TLSSecretReference{Name: "me"}},
	}
	identify := func(c *v1alpha1.KafkaConnection, held map[string]map[string]string) error {
		t.Helper()
		open, _ := opener(t, held)
		cluster, err := open.Open(t.Context(), c)
		if err == nil {
			_, _, err = cluster.Identify(t.Context())
		}
		return err
	}
	if err := identify(c, held(ours, oursKey)); err != nil {
		t.Error(err)
	}
	if err := identify(c, held(strange, strangeKey)); verdict.ReasonOf(err) != v1alpha1.ReasonAuthenticationFailed {
		t.Errorf("another authority's: %v", err)
	}
	none := c.DeepCopy()
	none.Spec.TLS.ClientCertificate = nil
	if err := identify(none, held(ours, oursKey)); verdict.ReasonOf(err) != v1alpha1.ReasonAuthenticationFailed {
		t.Errorf("none: %v", err)
	}
	if err := identify(c, held(ours, strangeKey)); verdict.ReasonOf(err) != v1alpha1.ReasonSecretInvalid {
		t.Errorf("with the key of another: %v", err)
	}
}
