package webhook_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/controllers/certificate"
	"github.com/millrace/millrace/controllers/webhook"
)

// safe holds one Secret, or none.
type safe struct {
	client.Reader
	mu     sync.Mutex
	secret *corev1.Secret
	err    error
	asked  int
}

// Get returns the Secret.
func (s *safe) Get(_ context.Context, _ client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.err != nil {
		return s.err
	}
	if s.secret == nil {
		return apierrors.NewNotFound(schema.GroupResource{Resource: "secrets"}, "x")
	}
	secret, ok := o.(*corev1.Secret)
	if !ok {
		return errors.New("that is no Secret")
	}
	s.secret.DeepCopyInto(secret)
	return nil
}

func (s *safe) put(version string, pair certificate.Pair, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	s.secret = &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{ResourceVersion: version},
		Data:       map[string][]byte{corev1.TLSCertKey: pair.Certificate, corev1.TLSPrivateKeyKey: pair.Key},
	}
}

// A replica serves what the leader keeps: soon where it has nothing, within a minute where that has changed, and what it had where the Secret can't be
// read or holds nonsense.
func TestAReplicaServesWhatTheLeaderKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, err := certificate.Generate([]string{"a"}, time.Now())
		second, err2 := certificate.Generate([]string{"a"}, time.Now())
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		s := &safe{}
		served := &webhook.Certificate{Live: s, Secret: client.ObjectKey{Namespace: "n", Name: "x"}}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- served.Start(ctx) }()
		is := func(want certificate.Pair) bool {
			got, err := served.Get(nil)
			if err != nil || len(want.Certificate) == 0 {
				return err != nil && len(want.Certificate) == 0
			}
			return bytes.Equal(got.Leaf.Raw, leaf(t, want))
		}
		for _, step := range []struct {
			what  string
			put   func()
			after time.Duration
			want  certificate.Pair
		}{
			{"there is none", func() {}, time.Hour, certificate.Pair{}},
			{"the leader has made one", func() { s.put("1", first, nil) }, 2 * time.Second, first},
			{"the leader has made another", func() { s.put("2", second, nil) }, 61 * time.Second, second},
			{"the API server is away", func() { s.put("3", first, errors.New("away")) }, time.Hour, second},
			{"it is nonsense", func() { s.put("4", certificate.Pair{Certificate: []byte("x")}, nil) }, time.Hour, second},
			{"it is deleted", func() { s.mu.Lock(); s.secret = nil; s.mu.Unlock() }, time.Hour, second},
			{"it is there again", func() { s.put("5", first, nil) }, 61 * time.Second, first},
		} {
			step.put()
			time.Sleep(step.after)
			if !is(step.want) {
				t.Errorf("%s: another one is served", step.what)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func leaf(t *testing.T, pair certificate.Pair) []byte {
	t.Helper()
	both, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	return both.Leaf.Raw
}
