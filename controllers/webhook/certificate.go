package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/controllers/certificate"
)

const (
	// rereadInterval is how often a replica looks whether the certificate has changed: far below certificate.Overlap. It looks more often
	// while it has none.
	rereadInterval = time.Minute
	hurryInterval  = time.Second
)

// The keys of the Secret. Those of the certificate that is served are where tools look for one.
const (
	keyNext         = "next.key"
	certificateNext = "next.crt"
	trusted         = "ca.crt"
)

// held is what a Secret holds.
func held(s *corev1.Secret) certificate.Held {
	return certificate.Held{
		Current: certificate.Pair{Certificate: s.Data[corev1.TLSCertKey], Key: s.Data[corev1.TLSPrivateKeyKey]},
		Next:    certificate.Pair{Certificate: s.Data[certificateNext], Key: s.Data[keyNext]},
		CAs:     s.Data[trusted],
	}
}

// Certificate is what a replica serves: it reads the Secret that the leader's Keeper writes. Its zero value with Live and Secret set serves
// nothing until it runs.
type Certificate struct {
	// Live reads past the cache: the operator may get this one Secret, and neither list nor watch any.
	Live client.Reader
	// Secret is where the certificate is kept.
	Secret client.ObjectKey

	current atomic.Pointer[tls.Certificate]
	version string // of the Secret that current is from; Start alone uses it
}

// Get returns the certificate for a handshake.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if now := c.current.Load(); now != nil {
		return now, nil
	}
	return nil, errors.New("there is no certificate yet")
}

// NeedLeaderElection says that every replica serves.
func (*Certificate) NeedLeaderElection() bool { return false }

// Start reads the Secret again and again until the context ends.
func (c *Certificate) Start(ctx context.Context) error {
	for said := ""; ; {
		if err := c.read(ctx); err == nil {
			said = ""
		} else if text := err.Error(); text != said && ctx.Err() == nil {
			said = text
			log.FromContext(ctx).Info("the webhook's certificate can't be read", "why", text)
		}
		pause := rereadInterval
		if c.current.Load() == nil {
			pause = hurryInterval
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func (c *Certificate) read(ctx context.Context) error {
	s := &corev1.Secret{}
	if err := c.Live.Get(ctx, c.Secret, s); apierrors.IsNotFound(err) {
		return nil // the leader will make it; what is served already stays
	} else if err != nil {
		return err
	}
	if s.ResourceVersion == c.version && c.current.Load() != nil {
		return nil
	}
	current := held(s).Current
	pair, err := tls.X509KeyPair(current.Certificate, current.Key)
	if err != nil {
		return err
	}
	c.current.Store(&pair)
	c.version = s.ResourceVersion
	return nil
}
