package kafka

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/certificate"
)

const scramIterations = 4096 // the fewest that Kafka takes

// Secured gives the broker an authorizer, as Guarded does, and a listener, [Broker.Secured], in TLS, whose clients authenticate
// by SASL SCRAM-SHA-512 as users that [Broker.SetPassword] makes. Its certificate is made anew with each broker, by
// [Broker.Authority].
func Secured() Option { return func(b *Broker) { b.secured = true } }

// Secured is where clients connect to that speak TLS and must say who they are.
func (b *Broker) Secured() string { return loopback(b.ports.secured) }

// Authority is the certificate, as PEM, that the broker's own is checked by.
func (b *Broker) Authority() []byte { return b.authority }

// SetPassword makes a user of the secured listener, or gives it another password. Connections that are open stay so.
func (b *Broker) SetPassword(tb testing.TB, user, password string) {
	tb.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address()))
	if err != nil {
		tb.Fatal(err)
	}
	defer client.Close()
	done, err := kadm.NewClient(client).AlterUserSCRAMs(tb.Context(), nil, []kadm.UpsertSCRAM{{
		User: user, Mechanism: kadm.ScramSha512, Iterations: scramIterations, Password: password,
	}})
	if err == nil {
		err = done.Error()
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// certify makes an authority and by it the broker's certificate, which lies with its key in the broker's folder.
func (b *Broker) certify() error {
	if b.authority != nil { // a broker that is started again keeps its own
		return nil
	}
	authority, err := certificate.New("test brokers")
	if err != nil {
		return err
	}
	own, key, err := authority.Issue("test broker")
	if err != nil {
		return err
	}
	b.authority = authority.PEM
	return os.WriteFile(b.keyStore(), slices.Concat(key, own, authority.PEM), 0o600)
}

// keyStore is the file with the broker's key and certificates.
func (b *Broker) keyStore() string { return filepath.Join(b.folder, "broker.pem") }

// security are the settings of the secured listener.
func (b *Broker) security() string {
	const listener = "listener.name.secured."
	return listener + "sasl.enabled.mechanisms=SCRAM-SHA-512\n" +
		listener + "scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;\n" +
		listener + "ssl.keystore.type=PEM\n" +
		listener + "ssl.keystore.location=" + b.keyStore() + "\n"
}
