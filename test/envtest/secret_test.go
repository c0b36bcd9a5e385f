//go:build envtest

package envtest

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/test/certificate"
	"github.com/millrace/millrace/test/fakekafka"
)

const (
	rightWord = "Right-and-secret-71"
	wrongWord = "Wrong-and-secret-72"
	nextWord  = "Later-and-secret-73"
)

// guarded is a world whose broker speaks TLS and knows one user.
func guarded(t *testing.T) (*world, *certificate.Authority, *fakekafka.Users) {
	t.Helper()
	authority, err := certificate.New("brokers")
	if err != nil {
		t.Fatal(err)
	}
	own, key, err := authority.Issue("broker")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(own, key)
	if err != nil {
		t.Fatal(err)
	}
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ClusterID(rand.Text()), kfake.EnableSASL(),
		kfake.Superuser("SCRAM-SHA-512", "ann", rightWord), kfake.Superuser("SCRAM-SHA-512", "root", "of the test"),
		kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	users := fakekafka.Refuse(broker, "ann", "root")
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority.PEM)
	root := scram.Auth{User: "root", Pass: "of the test"}
	return worldOn(t, broker, kgo.SASL(root.AsSha512Mechanism()), kgo.DialTLSConfig(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})), authority, users
}

func (w *world) securedConnection() string {
	return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: default}, spec: {bootstrapServers: ["%s"],
		tls: {ca: {type: ConfigMap, configMap: {name: trust, key: ca.crt}}},
		sasl: {type: ScramSHA512, scramSHA512: {usernameRef: {name: user, key: username}, passwordRef: {name: user, key: password}}}}}`, w.broker.ListenAddrs()[0])
}

// secret makes or changes the user's Secret.
func (w *world) secret(user, password string) {
	w.t.Helper()
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	w.apply(fmt.Sprintf(`{apiVersion: v1, kind: Secret, metadata: {name: user}, data: {username: %s, password: %s}}`, encode(user+"\n"), encode(password)))
}

// awaitReason waits until an object's Ready condition has a reason and a text in its message.
func (w *world) awaitReason(o client.Object, name, reason, says string) {
	w.t.Helper()
	w.await(fmt.Sprintf("%T %s: %s", o, name, reason), func() error {
		if err := kube.Get(w.t.Context(), w.key(name), o); err != nil {
			return err
		}
		var conditions []metav1.Condition
		switch o := o.(type) {
		case *v1alpha1.KafkaConnection:
			conditions = o.Status.Conditions
		case *v1alpha1.StreamTopic:
			conditions = o.Status.Conditions
		case *v1alpha1.StreamJob:
			conditions = o.Status.Conditions
		}
		c := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
		if c == nil || c.Reason != reason || !strings.Contains(c.Message, says) {
			return fmt.Errorf("it is %+v", c)
		}
		return nil
	})
}

func (w *world) look(connection *v1alpha1.KafkaConnection) {
	w.t.Helper()
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"metadata":{"annotations":{"looked":"%s"}}}`, rand.Text()))
	if err := kube.Patch(w.t.Context(), connection, patch); err != nil {
		w.t.Fatal(err)
	}
}

// A connection, a topic and a job live through all that may become of a Secret, with one operator.
func TestASecretIsTakenUpWithoutARestart(t *testing.T) {
	t.Parallel()
	w, authority, users := guarded(t)
	connection, topic, job := &v1alpha1.KafkaConnection{}, &v1alpha1.StreamTopic{}, &v1alpha1.StreamJob{}
	w.apply(w.securedConnection(), topicYAML("in", ""), topicYAML("out", ""), jobYAML(sql1, ""))
	w.awaitReason(connection, "default", v1alpha1.ReasonSecretNotFound, "there is no ConfigMap trust")
	trust := &corev1.ConfigMap{ObjectMeta: named(w, "trust"), Data: map[string]string{"ca.crt": string(authority.PEM)}}
	if err := kube.Create(t.Context(), trust); err != nil {
		t.Fatal(err)
	}
	w.awaitReason(connection, "default", v1alpha1.ReasonSecretNotFound, "there is no Secret user")
	w.awaitReason(topic, "in", v1alpha1.ReasonSecretNotFound, "KafkaConnection default")
	w.awaitReason(job, "job", v1alpha1.ReasonSecretNotFound, "KafkaConnection default")
	w.awaitEvent("default", v1alpha1.ReasonSecretNotFound, "there is no")
	w.secret("bob", wrongWord)
	w.awaitReason(connection, "default", v1alpha1.ReasonAuthenticationFailed, "spec.sasl")
	w.awaitReason(topic, "in", v1alpha1.ReasonAuthenticationFailed, "")
	w.secret("ann", rightWord)
	w.awaitReason(connection, "default", v1alpha1.ReasonReady, "")
	w.awaitReason(topic, "in", v1alpha1.ReasonTopicCreated, "")
	w.awaitJob("Running 1 Ready")
	set := w.set(1)

	w.secret("eve", nextWord) // before the brokers know her: what is read is what the Secret holds now
	w.look(connection)
	w.awaitReason(connection, "default", v1alpha1.ReasonAuthenticationFailed, "")
	scrams := []kadm.UpsertSCRAM{{User: "eve", Mechanism: kadm.ScramSha512, Iterations: 4096, Password: nextWord}}
	if done, err := w.kafka.AlterUserSCRAMs(t.Context(), nil, scrams); err != nil || done.Error() != nil {
		t.Fatal(err, done.Error())
	}
	users.Add("eve")
	w.awaitReason(connection, "default", v1alpha1.ReasonReady, "")
	if err := kube.Patch(t.Context(), topic, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"partitions":3}}`))); err != nil {
		t.Fatal(err)
	}
	w.await("the topic grown by the new user", func() error {
		if err := kube.Get(t.Context(), w.key("in"), topic); err != nil || topic.Status.Partitions != 3 {
			return fmt.Errorf("%w: %+v", err, topic.Status)
		}
		return nil
	})
	if after := w.set(1); after == nil || after.Generation != set.Generation {
		t.Error("the workers' pods were changed")
	}
	w.saysNothing(rightWord, wrongWord, nextWord)
}

// saysNothing looks for words in all that the operator has written: every object of the namespace but Secrets, and its log.
func (w *world) saysNothing(words ...string) {
	w.t.Helper()
	kinds := "streamjobs,streamtopics,kafkaconnections,statefulsets,pods,configmaps,services,serviceaccounts,networkpolicies,poddisruptionbudgets,events.events.k8s.io,controllerrevisions"
	text, err := kubectl(w.t.Context(), "get", "-n", w.namespace, kinds, "-o", "yaml", "--show-managed-fields")
	if err != nil || !strings.Contains(text, "/etc/millrace-kafka/password") || !strings.Contains(text, v1alpha1.ReasonSecretNotFound) {
		w.t.Fatalf("%v: what was written is not all there: %.200s", err, text)
	}
	for _, word := range words {
		encoded := base64.StdEncoding.EncodeToString([]byte(word))
		for place, said := range map[string]string{"an object": text, "the operator's log": operatorLog.String()} {
			if strings.Contains(said, word) || strings.Contains(said, encoded) {
				w.t.Errorf("%s holds the secret %s", place, word)
			}
		}
	}
}

// The operator reads the Secrets that connections name, one by one: it can't look what there are.
func TestTheOperatorCanOnlyGetSecrets(t *testing.T) {
	t.Parallel()
	const operator = "--as=system:serviceaccount:millrace-system:millrace-operator"
	for verb, want := range map[string]string{
		"get": "yes", "list": "no", "watch": "no", "create": "no", "update": "no", "patch": "no", "delete": "no", "deletecollection": "no",
	} {
		text, _ := kubectl(t.Context(), "auth", "can-i", verb, "secrets", "-n", "default", operator)
		if lines := strings.Fields(text); len(lines) == 0 || lines[len(lines)-1] != want {
			t.Errorf("%s secrets: %s, want %s", verb, text, want)
		}
	}
}

// A namespace that is deleted loses its Secrets first. Its StreamTopics and jobs do not hold it up for ever; until then they
// say what they wait for.
func TestATopicThatIsToGoSaysThatItsSecretIsMissing(t *testing.T) {
	t.Parallel()
	w, authority, _ := guarded(t)
	trust := &corev1.ConfigMap{ObjectMeta: named(w, "trust"), Data: map[string]string{"ca.crt": string(authority.PEM)}}
	if err := kube.Create(t.Context(), trust); err != nil {
		t.Fatal(err)
	}
	w.secret("ann", rightWord)
	w.apply(w.securedConnection(), topicYAML("a", ""))
	topic := w.awaitTopic("TopicCreated 2")
	if err := kube.Delete(t.Context(), &corev1.Secret{ObjectMeta: named(w, "user")}); err != nil {
		t.Fatal(err)
	}
	if err := kube.Delete(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	w.awaitReason(topic, "a", v1alpha1.ReasonSecretNotFound, "there is no Secret user")
	if got := w.topics("a"); len(got) != 1 {
		t.Errorf("topics %v", got)
	}
	w.secret("ann", rightWord) // and it goes by its policy
	w.await("the topic gone", func() error {
		if left := w.topics("a"); len(left) > 0 {
			return fmt.Errorf("%v", left)
		}
		return nil
	})
}

func TestTheSecuredExampleIsAccepted(t *testing.T) {
	t.Parallel()
	if text, err := kubectl(t.Context(), "apply", "--dry-run=server", "-f", "../../examples/secured"); err != nil {
		t.Errorf("%v: %s", err, text)
	}
}
