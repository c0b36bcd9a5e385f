//go:build envtest

package envtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// neighbour is another namespace's tenant on the same brokers.
func neighbour(t *testing.T, of *world) *world {
	t.Helper()
	w := worldOn(t, of.broker)
	w.apply(w.connection())
	return w
}

// awaitRefused waits until a StreamTopic is refused for another one's sake.
func (w *world) awaitRefused(name, says string) {
	w.t.Helper()
	w.await("the refusal", func() error {
		topic := &v1alpha1.StreamTopic{}
		if err := kube.Get(w.t.Context(), w.key(name), topic); err != nil {
			return err
		}
		c := meta.FindStatusCondition(topic.Status.Conditions, v1alpha1.ConditionStalled)
		if c == nil || c.Reason != v1alpha1.ReasonResourceConflict || !strings.Contains(c.Message, says) || topic.Status.TopicID != "" || topic.Status.Partitions != 0 {
			return fmt.Errorf("it says %+v", topic.Status)
		}
		return nil
	})
}

// What a job keeps on Kafka can't be had by naming it: not to read it, not to change it, not to delete it with a StreamTopic.
func TestANeighbourCannotNameWhatAJobKeeps(t *testing.T) {
	t.Parallel()
	victim := running(t, "")
	w := neighbour(t, victim)
	prefix := victim.job().Status.Prefix
	before := victim.topics(prefix)
	commits := prefix + ".1.commits"
	if !slices.Contains(before, commits) {
		t.Fatalf("there are %v", before)
	}
	for _, more := range []string{"adoptionPolicy: Always,", `adoptionPolicy: Always, config: {retention.ms: "1"},`} {
		w.apply(topicYAML("in", "topicName: "+commits+","+more), topicYAML("out", ""))
		w.awaitRefused("in", "in the namespace "+victim.namespace)
	}
	w.apply(jobYAML(sql1, ""))
	w.awaitRefusal(v1alpha1.ReasonWaitingForTopics)
	topic := &v1alpha1.StreamTopic{ObjectMeta: named(w, "in")}
	look := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"millrace.dev/managed":"false"}}}`))
	if err := kube.Patch(t.Context(), topic, look); err != nil {
		t.Fatal(err)
	}
	w.awaitRefused("in", "in the namespace "+victim.namespace)
	if err := kube.Delete(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	w.await("the StreamTopic gone", func() error {
		if err := kube.Get(t.Context(), w.key("in"), topic); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %w", err)
		}
		return nil
	})
	if after := victim.topics(prefix); !slices.Equal(before, after) {
		t.Errorf("the job's topics are %v, and were %v", after, before)
	}
}

// Of two namespaces that name one topic the older one has it; jobs of the other don't begin.
func TestANeighboursTopicIsNotOnesOwnByItsName(t *testing.T) {
	t.Parallel()
	victim := running(t, "")
	w := neighbour(t, victim)
	w.apply(topicYAML("in", "adoptionPolicy: Always,"), topicYAML("out", "topicName: own,"), jobYAML(sql1, ""))
	w.awaitRefused("in", victim.namespace+"/in")
	w.awaitRefusal(v1alpha1.ReasonWaitingForTopics)
}

// The operator may get every Secret, and does so for those of the namespace alone.
func TestANeighboursSecretIsNotFound(t *testing.T) {
	t.Parallel()
	victim := newWorld(t)
	secret := &corev1.Secret{ObjectMeta: named(victim, "user"), Data: map[string][]byte{"password": []byte("p")}}
	if err := kube.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	w := worldOn(t, victim.broker)
	const sasl = `sasl: {type: Plain, plain: {username: u, passwordRef: {name: %s, key: password}}}`
	connection := func(ref string) string {
		return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: default}, spec: {bootstrapServers: ["%s"], `+sasl+`}}`, w.broker.ListenAddrs()[0], ref)
	}
	if err := w.tryApply(connection(victim.namespace + "/user")); err == nil {
		c := &v1alpha1.KafkaConnection{ObjectMeta: named(w, "default")}
		w.await("the reason", func() error {
			if err := kube.Get(t.Context(), w.key("default"), c); err != nil {
				return err
			}
			if ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady); ready == nil || ready.Status == "True" || strings.Contains(ready.Reason, "Authentication") {
				return fmt.Errorf("it says %+v", c.Status.Conditions)
			}
			return nil
		})
	}
	w.apply(connection("user"))
	c := &v1alpha1.KafkaConnection{}
	w.await("the reason", func() error {
		if err := kube.Get(t.Context(), w.key("default"), c); err != nil {
			return err
		}
		if ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady); ready == nil || ready.Reason != v1alpha1.ReasonSecretNotFound {
			return fmt.Errorf("it says %+v", c.Status.Conditions)
		}
		return nil
	})
}
