package access_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/access"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/test/fakekafka"
)

// objects are the Secrets and ConfigMaps of a namespace: "Secret user" → key → value. They can be asked for one by one: the
// nil Reader panics at what else a cache would do.
type objects struct {
	client.Reader

	mu   sync.Mutex
	held map[string]map[string]string
	deny bool
}

// put makes the Secret user.
func (o *objects) put(data map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held["Secret user"] = data
}

// Get is all that the operator may do with Secrets.
func (o *objects) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.deny {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, key.Name, errors.New("no"))
	}
	kind := "Secret"
	if _, ok := into.(*corev1.ConfigMap); ok {
		kind = "ConfigMap"
	}
	data, ok := o.held[kind+" "+key.Name]
	if !ok || key.Namespace != "shop" {
		return apierrors.NewNotFound(schema.GroupResource{Resource: kind}, key.Name)
	}
	switch into := into.(type) {
	case *corev1.Secret:
		into.Data = map[string][]byte{}
		for k, v := range data {
			into.Data[k] = []byte(v)
		}
	case *corev1.ConfigMap:
		into.Data = data
	}
	return nil
}

// ref names a key of the Secret user.
func ref(key string) v1alpha1.SecretKeyReference {
	return v1alpha1.SecretKeyReference{Name: "user", Key: key}
}

func connection(servers []string) *v1alpha1.KafkaConnection {
	c := &v1alpha1.KafkaConnection{}
	c.Name, c.Namespace, c.UID = "default", "shop", types.UID("u-1")
	c.Spec.BootstrapServers = servers
	c.Spec.SASL = &v1alpha1.KafkaSASL{
		Type: v1alpha1.SASLScramSHA256, ScramSHA256: &v1alpha1.SASLUser{UsernameRef: new(ref("username")), PasswordRef: ref("password")},
	}
	return c
}

func opener(t *testing.T, held map[string]map[string]string) (access.Opener, *objects) {
	t.Helper()
	o := &objects{held: held}
	pool := kafkaadmin.NewPool(time.Now)
	t.Cleanup(pool.Close)
	return access.Opener{Reader: o, Pool: pool}, o
}

const secretWord = "Tr0ub4dor-and-3"

// The operator goes through all that becomes of a Secret: not there, without the key, with a wrong password, right, changed.
func TestASecretThatChangesCountsWithTheNextPass(t *testing.T) {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "ann", secretWord))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	fakekafka.Refuse(broker, "ann")
	open, held := opener(t, map[string]map[string]string{})
	c := connection(broker.ListenAddrs())
	try := func() error {
		cluster, err := open.Open(t.Context(), c)
		if err == nil {
			_, _, err = cluster.Identify(t.Context())
		}
		if err != nil && strings.Contains(err.Error(), secretWord) {
			t.Errorf("the error holds the password: %v", err)
		}
		return err
	}
	want := func(reason, says string) {
		t.Helper()
		if err := try(); verdict.ReasonOf(err) != reason || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %s with %q", err, reason, says)
		}
	}
	want(v1alpha1.ReasonSecretNotFound, "spec.sasl.scramSHA256.usernameRef: there is no Secret user in namespace shop; create it with the key username")
	held.put(map[string]string{"username": "ann", "word": secretWord})
	want(v1alpha1.ReasonSecretNotFound, "Secret user has no key password")
	held.put(map[string]string{"username": "bob", "password": secretWord})
	want(v1alpha1.ReasonAuthenticationFailed, "spec.sasl")
	held.put(map[string]string{"username": "ann\n", "password": secretWord + "\n"})
	if err := try(); err != nil {
		t.Fatal(err)
	}
	const next = "another-" + secretWord
	changePassword(t, broker, "ann", secretWord, next)
	if err := try(); err != nil {
		t.Errorf("what is connected stays so: %v", err)
	}
	held.put(map[string]string{"username": "ann", "password": next})
	if err := try(); err != nil {
		t.Errorf("after the Secret was changed: %v", err)
	}
	held.put(map[string]string{"username": "ann", "password": secretWord})
	want(v1alpha1.ReasonBrokersUnreachable, "does not take the credentials") // as this broker has it; Kafka says so in words
	held.deny = true
	want(v1alpha1.ReasonSecretUnreadable, "read Secret user")
}

// changePassword does so as the user itself.
func changePassword(t *testing.T, broker *kfake.Cluster, user, from, to string) {
	t.Helper()
	auth := scram.Auth{User: user, Pass: from}
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...), kgo.SASL(auth.AsSha256Mechanism()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	done, err := kadm.NewClient(cl).AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{{User: user, Mechanism: kadm.ScramSha256, Iterations: 4096, Password: to}})
	if err == nil {
		err = done.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestConnectionsShareAClusterOnlyWhereAllIsTheSame(t *testing.T) {
	open, held := opener(t, map[string]map[string]string{"Secret user": {"username": "ann", "password": "a"}})
	get := func(change func(*v1alpha1.KafkaConnection)) *kafkaadmin.Cluster {
		t.Helper()
		c := connection([]string{"kafka:9092"})
		if change != nil {
			change(c)
		}
		cluster, err := open.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return cluster
	}
	first := get(nil)
	if get(nil) != first {
		t.Error("the same connection has two clusters")
	}
	for name, other := range map[string]*kafkaadmin.Cluster{
		"another connection with the same words": get(func(c *v1alpha1.KafkaConnection) { c.UID = "u-2" }),
		"another user": get(func(c *v1alpha1.KafkaConnection) {
			c.Spec.SASL.ScramSHA256.Username, c.Spec.SASL.ScramSHA256.UsernameRef = "ann", nil
		}),
		"other servers": get(func(c *v1alpha1.KafkaConnection) { c.Spec.BootstrapServers = []string{"other:9092"} }),
	} {
		if other == first {
			t.Errorf("%s has the same cluster", name)
		}
	}
	held.put(map[string]string{"username": "ann", "password": "b"})
	if get(nil) == first {
		t.Error("another password has the same cluster")
	}
}

func TestWhatASecretHoldsMustBeOfUse(t *testing.T) {
	junk := "-----BEGIN NOTHING-----" + secretWord
	cases := map[string]func(*v1alpha1.KafkaConnectionSpec){
		"an authority": func(s *v1alpha1.KafkaConnectionSpec) {
			r := ref("password")
			s.TLS = &v1alpha1.KafkaTLS{CA: &v1alpha1.Authorities{Type: v1alpha1.AuthoritiesSecret, Secret: &r}}
		},
		"an authority of a ConfigMap": func(s *v1alpha1.KafkaConnectionSpec) {
			s.TLS = &v1alpha1.KafkaTLS{CA: &v1alpha1.Authorities{Type: v1alpha1.AuthoritiesConfigMap, ConfigMap: &v1alpha1.ConfigMapKeyReference{Name: "trust", Key: "ca"}}}
		},
		"a certificate": func(s *v1alpha1.KafkaConnectionSpec) {
			s.TLS = &v1alpha1.KafkaTLS{ClientCertificate: &v1alpha1.ClientCertificate{SecretRef: v1alpha1.TLSSecretReference{Name: "me"}}}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			open, _ := opener(t, map[string]map[string]string{
				"Secret user": {"username": "ann", "password": junk}, "ConfigMap trust": {"ca": junk}, "Secret me": {"tls.crt": junk, "tls.key": junk},
			})
			c := connection([]string{"kafka:9092"})
			change(&c.Spec)
			_, err := open.Open(t.Context(), c)
			if verdict.ReasonOf(err) != v1alpha1.ReasonSecretInvalid || strings.Contains(fmt.Sprint(err), secretWord) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Every file that a worker has is one that the operator reads too, for each type.
func TestEveryTypeIsOpened(t *testing.T) {
	r := ref("password")
	user := &v1alpha1.SASLUser{UsernameRef: &r, PasswordRef: r}
	for name, s := range map[string]*v1alpha1.KafkaSASL{
		"Plain":       {Type: v1alpha1.SASLPlain, Plain: user},
		"ScramSHA256": {Type: v1alpha1.SASLScramSHA256, ScramSHA256: user},
		"ScramSHA512": {Type: v1alpha1.SASLScramSHA512, ScramSHA512: user},
		"Token":       {Type: v1alpha1.SASLOAuthBearer, OAuthBearer: &v1alpha1.OAuthBearer{Type: v1alpha1.OAuthFromToken, Token: &v1alpha1.OAuthToken{TokenRef: r}}},
		"ClientCredentials": {Type: v1alpha1.SASLOAuthBearer, OAuthBearer: &v1alpha1.OAuthBearer{
			Type:              v1alpha1.OAuthFromClientCredentials,
			ClientCredentials: &v1alpha1.OAuthClientCredentials{TokenURL: "https://login/token", ClientID: "me", ClientSecretRef: r},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			open, held := opener(t, map[string]map[string]string{"Secret user": {"password": "a"}})
			c := connection([]string{"kafka:9092"})
			c.Spec.SASL = s
			first, err := open.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			held.put(map[string]string{"password": "b"})
			if second, err := open.Open(t.Context(), c); err != nil || second == first {
				t.Errorf("%v: what the Secret holds does not count", err)
			}
			if len(render.ConnectionFiles(&c.Spec)) == 0 {
				t.Error("a worker gets no file")
			}
		})
	}
}
