package webhook

import (
	"bytes"
	"context"
	"fmt"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/controllers/certificate"
)

const (
	// keepInterval is how often the Secret and the webhook's configuration are looked at, retryInterval after a failure.
	keepInterval  = time.Minute
	retryInterval = 5 * time.Second
)

// Keeper keeps the certificate: the leader makes it, renews it, and tells the API server whom to trust. It writes one Secret, and in one
// configuration nothing but the caBundle.
type Keeper struct {
	// Client writes, and Live reads past the cache.
	Client client.Client
	Live   client.Reader
	// Secret is where the certificate is kept, Configuration the name of the ValidatingWebhookConfiguration.
	Secret        client.ObjectKey
	Configuration string
	// Names are those by which the API server calls.
	Names []string
	// Now is the clock.
	Now func() time.Time
}

// NeedLeaderElection says that one replica writes.
func (*Keeper) NeedLeaderElection() bool { return true }

// Start keeps the certificate until the context ends.
func (k *Keeper) Start(ctx context.Context) error {
	for said := ""; ; {
		pause := keepInterval
		if err := k.Pass(ctx); err == nil {
			said = ""
		} else if ctx.Err() == nil {
			pause = retryInterval
			if text := err.Error(); text != said {
				said = text
				log.FromContext(ctx).Error(err, "the webhook's certificate is not as it should be")
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// Pass looks once. What another writes at the same moment wins, and the next pass goes on from there.
func (k *Keeper) Pass(ctx context.Context) error {
	s := &corev1.Secret{}
	missing := k.Live.Get(ctx, k.Secret, s)
	if client.IgnoreNotFound(missing) != nil {
		return missing
	}
	configuration := &admissionregistrationv1.ValidatingWebhookConfiguration{}
	unconfigured := k.Live.Get(ctx, client.ObjectKey{Name: k.Configuration}, configuration)
	if client.IgnoreNotFound(unconfigured) != nil {
		return unconfigured
	}
	next, step, err := held(s).Advance(k.Names, published(configuration), k.Now(), certificate.Generate)
	if err != nil {
		return err
	}
	if step != certificate.Keep {
		log.FromContext(ctx).Info(step.String(), "secret", k.Secret)
		if err := k.store(ctx, s, next, apierrors.IsNotFound(missing)); err != nil {
			return err
		}
	}
	if unconfigured != nil {
		return fmt.Errorf("nobody asks the webhook: %w", unconfigured)
	}
	return k.publish(ctx, configuration, next.CAs)
}

func (k *Keeper) store(ctx context.Context, s *corev1.Secret, h certificate.Held, isNew bool) error {
	s.Name, s.Namespace = k.Secret.Name, k.Secret.Namespace
	s.Data = map[string][]byte{corev1.TLSCertKey: h.Current.Certificate, corev1.TLSPrivateKeyKey: h.Current.Key, trusted: h.CAs}
	if len(h.Next.Key) > 0 {
		s.Data[certificateNext], s.Data[keyNext] = h.Next.Certificate, h.Next.Key
	}
	if !isNew {
		return k.Client.Update(ctx, s)
	}
	s.Type = corev1.SecretTypeTLS
	s.Labels = map[string]string{"app.kubernetes.io/managed-by": "millrace", "app.kubernetes.io/part-of": "millrace"}
	return k.Client.Create(ctx, s)
}

// published is the bundle that the API server has been told for all of the webhooks; none where they differ.
func published(c *admissionregistrationv1.ValidatingWebhookConfiguration) []byte {
	var bundle []byte
	for i := range c.Webhooks {
		if b := c.Webhooks[i].ClientConfig.CABundle; i > 0 && !bytes.Equal(bundle, b) {
			return nil
		} else if i == 0 {
			bundle = b
		}
	}
	return bundle
}

func (k *Keeper) publish(ctx context.Context, c *admissionregistrationv1.ValidatingWebhookConfiguration, bundle []byte) error {
	changed := false
	for i := range c.Webhooks {
		if to := &c.Webhooks[i].ClientConfig; !bytes.Equal(to.CABundle, bundle) {
			to.CABundle, changed = bundle, true
		}
	}
	if !changed {
		return nil
	}
	log.FromContext(ctx).Info("tell the API server whom to trust", "configuration", c.Name)
	c.TypeMeta = metav1.TypeMeta{}
	return k.Client.Update(ctx, c)
}
