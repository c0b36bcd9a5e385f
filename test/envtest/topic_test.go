//go:build envtest

package envtest

import (
	"fmt"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// awaitTopic waits until the topic named a says what is expected: its Ready reason and number of partitions.
func (w *world) awaitTopic(want string) *v1alpha1.StreamTopic {
	w.t.Helper()
	topic := &v1alpha1.StreamTopic{}
	w.await(want, func() error {
		if err := kube.Get(w.t.Context(), w.key("a"), topic); err != nil {
			return err
		}
		got := fmt.Sprintf("%s %d", reasonOf(topic), topic.Status.Partitions)
		if got != want || topic.Status.ObservedGeneration != topic.Generation {
			return fmt.Errorf("it is %s: %+v", got, topic.Status)
		}
		return nil
	})
	return topic
}

func reasonOf(topic *v1alpha1.StreamTopic) string {
	for _, c := range topic.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Reason
		}
	}
	return ""
}

func TestATopicIsCreatedAndGrows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.connection(), topicYAML("a", `config: {retention.ms: "5000"},`))
	first := w.awaitTopic("TopicCreated 2")
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"partitions":3,"config":{"retention.ms":"6000"}}}`))
	if err := kube.Patch(t.Context(), first, patch); err != nil {
		t.Fatal(err)
	}
	w.awaitTopic("TopicCreated 3")
	configs, err := w.kafka.DescribeTopicConfigs(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	found := ""
	for _, c := range configs[0].Configs {
		if c.Key == "retention.ms" && c.Value != nil {
			found = *c.Value
		}
	}
	if found != "6000" {
		t.Errorf("retention.ms %q", found)
	}
}

func TestATopicThatExistsIsTakenOverByPolicy(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ policy, want string }{
		"it matches":             {"topicName: two,", "TopicAdopted 2"},
		"it differs":             {"topicName: four,", "TopicDiffers 0"},
		"it differs, and we may": {"topicName: one, adoptionPolicy: Always,", "TopicAdopted 2"},
		"we may not":             {"topicName: two, adoptionPolicy: Never,", "TopicExists 0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for n, topic := range map[int32]string{1: "one", 2: "two", 4: "four"} {
				if _, err := w.kafka.CreateTopics(t.Context(), n, 1, nil, topic); err != nil {
					t.Fatal(err)
				}
			}
			w.apply(w.connection(), topicYAML("a", c.policy))
			w.awaitTopic(c.want)
		})
	}
}

func TestTheOlderOfTwoOwnersWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.connection(), topicYAML("a", "topicName: shared,"))
	first := w.awaitTopic("TopicCreated 2")
	w.apply(topicYAML("b", "topicName: shared, adoptionPolicy: Always,"))
	w.await("one of the two refused", func() error { // creation times have seconds only: the id decides between equals
		b := &v1alpha1.StreamTopic{}
		if err := kube.Get(t.Context(), w.key("b"), b); err != nil {
			return err
		}
		if first.CreationTimestamp.Equal(&b.CreationTimestamp) && b.UID < first.UID {
			return nil
		}
		if got := reasonOf(b); got != v1alpha1.ReasonResourceConflict {
			return fmt.Errorf("b is %s", got)
		}
		return nil
	})
}

func TestADeletedTopicGoesByPolicy(t *testing.T) {
	t.Parallel()
	for policy, left := range map[string]int{"Delete": 0, "Retain": 1} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.apply(w.connection(), fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: a}, spec: {partitions: 2, deletionPolicy: %s}}`, policy))
			topic := w.awaitTopic("TopicCreated 2")
			if err := kube.Delete(t.Context(), topic); err != nil {
				t.Fatal(err)
			}
			w.await("the StreamTopic gone", func() error {
				if err := kube.Get(t.Context(), w.key("a"), topic); !apierrors.IsNotFound(err) {
					return fmt.Errorf("it is there: %w", err)
				}
				return nil
			})
			if got := w.topics("a"); len(got) != left {
				t.Errorf("topics %v, want %d", got, left)
			}
		})
	}
}
