package wire

import (
	"crypto/tls"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlwebhook "sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/millrace/millrace/controllers/webhook"
)

// Webhook is what the operator's flags say of the admission webhook.
type Webhook struct {
	// Enabled serves it; the rest counts only then.
	Enabled bool
	// Host and Port are where to serve; an empty host is every address.
	Host string
	Port int
	// CertificateFolder holds tls.crt and tls.key, which somebody else makes and renews. Where it is empty the operator does so itself, in
	// the Secret of its namespace, for the names by which the API server calls, and tells the configuration whom to trust.
	CertificateFolder     string
	Secret, Configuration string
	Names                 []string
}

// server returns the webhook's server, and the certificate that it serves where the operator keeps it itself.
func (w *Webhook) server(namespace string) (ctrlwebhook.Server, *webhook.Certificate) {
	options := ctrlwebhook.Options{Host: w.Host, Port: w.Port, CertDir: w.CertificateFolder}
	if !w.Enabled {
		options.Port = -1
		return ctrlwebhook.NewServer(options), nil
	}
	options.TLSOpts = []func(*tls.Config){func(c *tls.Config) { c.MinVersion = tls.VersionTLS12 }}
	if w.CertificateFolder != "" {
		return ctrlwebhook.NewServer(options), nil
	}
	kept := &webhook.Certificate{Secret: client.ObjectKey{Namespace: namespace, Name: w.Secret}}
	options.TLSOpts = append(options.TLSOpts, func(c *tls.Config) { c.GetCertificate = kept.Get })
	return ctrlwebhook.NewServer(options), kept
}

// registerWebhook registers the webhook and, where the operator keeps its certificate, those who do.
func registerWebhook(m ctrl.Manager, kept *webhook.Certificate, o Options) error {
	if !o.Webhook.Enabled {
		return nil
	}
	hook := webhook.New(webhook.Options{
		Cache: m.GetClient(), Live: m.GetAPIReader(), Compile: o.Compile, WorkerImage: o.WorkerImage, ClusterID: o.ClusterID, Scheme: m.GetScheme(),
	})
	if err := hook.SetUp(m); err != nil || kept == nil {
		return err
	}
	kept.Live = m.GetAPIReader()
	if err := m.Add(kept); err != nil {
		return err
	}
	return m.Add(&webhook.Keeper{
		Client: m.GetClient(), Live: m.GetAPIReader(), Secret: kept.Secret, Configuration: o.Webhook.Configuration, Names: o.Webhook.Names, Now: time.Now,
	})
}
