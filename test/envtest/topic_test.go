//go:build envtest

package envtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
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
	for time.Now().Unix() <= first.CreationTimestamp.Unix() { // else the one counts that has the topic, which the younger one will say of itself
		time.Sleep(50 * time.Millisecond)
	}
	second := w.connection()
	w.apply(strings.Replace(second, "name: default", "name: second", 1), // another connection to the same cluster
		topicYAML("b", "topicName: shared, adoptionPolicy: Always, connectionRef: {name: second},"))
	w.await("the younger one refused", func() error { // creation times have seconds only: of equals the one counts that has the topic
		b := &v1alpha1.StreamTopic{}
		if err := kube.Get(t.Context(), w.key("b"), b); err != nil {
			return err
		}
		c := meta.FindStatusCondition(b.Status.Conditions, v1alpha1.ConditionReady)
		if c == nil || c.Reason != v1alpha1.ReasonResourceConflict || !strings.Contains(c.Message, w.namespace+"/a") {
			return fmt.Errorf("b is %+v", c)
		}
		return nil
	})
	b := &v1alpha1.StreamTopic{ObjectMeta: named(w, "b")}
	had := fmt.Appendf(nil, `{"status":{"topicID":%q}}`, first.Status.TopicID) // as if it had held the topic before the older one did
	if err := kube.Status().Patch(t.Context(), b, client.RawPatch("application/merge-patch+json", had)); err != nil {
		t.Fatal(err)
	}
	if err := kube.Delete(t.Context(), b); err != nil { // whose deletion policy is Delete
		t.Fatal(err)
	}
	w.await("b gone", func() error {
		if err := kube.Get(t.Context(), w.key("b"), b); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %w", err)
		}
		return nil
	})
	if got := w.topics("shared"); len(got) != 1 {
		t.Errorf("the younger one took the topic along: %v", got)
	}
}

// touch has a topic looked at again, which else would take a minute.
func (w *world) touch(topic *v1alpha1.StreamTopic, annotations string) {
	w.t.Helper()
	text := fmt.Sprintf(`{"metadata":{"annotations":{"touched":"%d"%s}}}`, time.Now().UnixNano(), annotations)
	if err := kube.Patch(w.t.Context(), topic, client.RawPatch("application/merge-patch+json", []byte(text))); err != nil {
		w.t.Fatal(err)
	}
}

// alter changes the topic a behind the operator's back.
func (w *world) alter(key, value string) {
	w.t.Helper()
	done, err := w.kafka.AlterTopicConfigs(w.t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}, "a")
	if err != nil || done[0].Err != nil {
		w.t.Fatal(err, done)
	}
}

// config is what the topic a has for a key.
func (w *world) config(key string) string {
	w.t.Helper()
	configs, err := w.kafka.DescribeTopicConfigs(w.t.Context(), "a")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range configs[0].Configs {
		if c.Key == key {
			return c.MaybeValue()
		}
	}
	return ""
}

// awaitEvent waits for an event about an object.
func (w *world) awaitEvent(about, reason, says string) {
	w.t.Helper()
	w.await("the event "+reason, func() error {
		var events eventsv1.EventList
		if err := kube.List(w.t.Context(), &events, client.InNamespace(w.namespace)); err != nil {
			return err
		}
		var seen []string
		for _, e := range events.Items {
			if e.Regarding.Name == about && e.Reason == reason && strings.Contains(e.Note, says) {
				return nil
			}
			seen = append(seen, e.Regarding.Name+" "+e.Reason+": "+e.Note)
		}
		return fmt.Errorf("there are %q", seen)
	})
}

func TestADriftIsPutBackAndSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.connection(), topicYAML("a", `config: {retention.ms: "5000"},`))
	topic := w.awaitTopic("TopicCreated 2")
	w.alter("retention.ms", "1")
	w.alter("max.message.bytes", "70000") // not ours
	w.touch(topic, "")
	w.await("the drift", func() error {
		if err := kube.Get(t.Context(), w.key("a"), topic); err != nil {
			return err
		}
		if d := topic.Status.Drift; d == nil || !slices.Equal(d.Changes, []string{`retention.ms was "1", is "5000" again`}) {
			return fmt.Errorf("it is %+v", d)
		}
		return nil
	})
	w.awaitEvent("a", v1alpha1.ReasonDriftReverted, "retention.ms")
	if ms, bytes := w.config("retention.ms"), w.config("max.message.bytes"); ms != "5000" || bytes != "70000" {
		t.Errorf("retention.ms %s, max.message.bytes %s", ms, bytes)
	}
	w.awaitTopic("TopicCreated 2")
}

func TestAPausedTopicIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.connection(), topicYAML("a", `config: {retention.ms: "5000"},`))
	topic := w.awaitTopic("TopicCreated 2")
	w.touch(topic, `,"millrace.dev/paused":"true"`)
	paused := func() bool {
		if err := kube.Get(t.Context(), w.key("a"), topic); err != nil {
			t.Fatal(err)
		}
		return meta.IsStatusConditionTrue(topic.Status.Conditions, v1alpha1.ConditionPaused)
	}
	w.await("the pause", func() error {
		if !paused() {
			return fmt.Errorf("%+v", topic.Status.Conditions)
		}
		return nil
	})
	w.awaitEvent("a", v1alpha1.ReasonPaused, "millrace.dev/paused")
	w.alter("retention.ms", "1")
	if err := kube.Patch(t.Context(), topic, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"partitions":3}}`))); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if got := w.config("retention.ms"); got != "1" || !paused() || topic.Status.Partitions != 2 {
		t.Errorf("retention.ms %s, %+v", got, topic.Status)
	}
	w.touch(topic, `,"millrace.dev/paused":null`)
	w.awaitTopic("TopicCreated 3")
	if got := w.config("retention.ms"); got != "5000" || paused() {
		t.Errorf("retention.ms %s, %+v", got, topic.Status.Conditions)
	}
	w.touch(topic, `,"millrace.dev/paused":"true"`)
	if err := kube.Delete(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	w.await("the topic gone by its policy", func() error {
		if left := w.topics("a"); len(left) > 0 {
			return fmt.Errorf("%v", left)
		}
		return nil
	})
}

func TestATopicThatIsNotManagedIsOnlyLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unmanaged := strings.Replace(topicYAML("a", `config: {retention.ms: "5000"},`), "{name: a}", `{name: a, annotations: {millrace.dev/managed: "false"}}`, 1)
	w.apply(w.connection(), unmanaged)
	w.awaitTopic("TopicMissing 0")
	if _, err := w.kafka.CreateTopics(t.Context(), 5, 1, nil, "a"); err != nil {
		t.Fatal(err)
	}
	w.awaitTopic("Unmanaged 5")
	topic := w.awaitTopic("Unmanaged 5")
	if !meta.IsStatusConditionTrue(topic.Status.Conditions, v1alpha1.ConditionUnmanaged) || topic.Status.TopicID != "" {
		t.Errorf("status %+v", topic.Status)
	}
	if got := w.config("retention.ms"); got == "5000" {
		t.Error("it was configured")
	}
	w.touch(topic, `,"millrace.dev/managed":null`) // from here on it is adopted by policy, and it differs
	topic = w.awaitTopic("TopicDiffers 5")
	w.touch(topic, `,"millrace.dev/managed":"false"`)
	w.awaitTopic("Unmanaged 5")
	if err := kube.Delete(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	w.await("the StreamTopic gone", func() error {
		if err := kube.Get(t.Context(), w.key("a"), topic); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %w", err)
		}
		return nil
	})
	if got := w.topics("a"); len(got) != 1 {
		t.Error("it was deleted with its StreamTopic")
	}
}

func TestATopicMadeAnewIsNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.connection(), topicYAML("a", ""))
	topic := w.awaitTopic("TopicCreated 2")
	was := topic.Status.TopicID
	again := func() {
		t.Helper()
		if _, err := w.kafka.DeleteTopics(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.kafka.CreateTopics(t.Context(), 2, 1, nil, "a"); err != nil {
			t.Fatal(err)
		}
		w.touch(topic, "")
	}
	again()
	if topic = w.awaitTopic("TopicReplaced 2"); topic.Status.TopicID != was {
		t.Errorf("it was taken over: %+v", topic.Status)
	}
	w.awaitEvent("a", v1alpha1.ReasonTopicReplaced, was)
	if err := kube.Patch(t.Context(), topic, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"adoptionPolicy":"Always"}}`))); err != nil {
		t.Fatal(err)
	}
	if topic = w.awaitTopic("TopicAdopted 2"); topic.Status.TopicID == was {
		t.Errorf("it was not taken over: %+v", topic.Status)
	}
	w.awaitEvent("a", v1alpha1.ReasonTopicReplaced, "was taken over")
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
