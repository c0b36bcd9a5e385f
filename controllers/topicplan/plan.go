package topicplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// Decision is what to do, and what to say once it is done.
type Decision struct {
	Actions []Action
	Verdict verdict.Verdict
	// Owned says that the topic is this StreamTopic's, from now on or still.
	Owned bool
}

// Plan decides about a StreamTopic that is to be kept. The observed topic is nil when Kafka has none of that name;
// owner names the older StreamTopic that holds the same topic, or is empty.
func Plan(topic *v1alpha1.StreamTopic, observed *Observed, owner string) Decision {
	switch {
	case owner != "":
		return refuse(v1alpha1.ReasonResourceConflict,
			"topic %s is held by the older StreamTopic %s: delete one of the two", topic.Topic(), owner)
	case observed == nil:
		return create(topic)
	case topic.Status.TopicID == "":
		return adopt(topic, observed, v1alpha1.ReasonTopicExists)
	case topic.Status.TopicID != observed.ID:
		if topic.Spec.AdoptionPolicy != v1alpha1.AdoptAlways {
			return refuse(v1alpha1.ReasonTopicReplaced,
				"topic %s was deleted and made anew outside of Millrace (id %s, was %s): set adoptionPolicy: Always to take the new one, or delete it",
				topic.Topic(), observed.ID, topic.Status.TopicID)
		}
		return align(topic, observed, v1alpha1.ReasonTopicAdopted)
	default:
		return align(topic, observed, v1alpha1.ReasonReady)
	}
}

// PlanDeletion decides about a StreamTopic that is being deleted.
func PlanDeletion(topic *v1alpha1.StreamTopic, observed *Observed) Decision {
	ours := observed != nil && topic.Status.TopicID != "" && topic.Status.TopicID == observed.ID
	if topic.Spec.DeletionPolicy != v1alpha1.DeletionDelete || !ours {
		return Decision{}
	}
	return Decision{Actions: []Action{{Kind: Delete}}}
}

func create(topic *v1alpha1.StreamTopic) Decision {
	reason, message := v1alpha1.ReasonTopicCreated, fmt.Sprintf("topic %s was created", topic.Topic())
	if topic.Status.TopicID != "" {
		reason, message = v1alpha1.ReasonTopicMissing,
			fmt.Sprintf("topic %s had been deleted outside of Millrace and was created again, empty", topic.Topic())
	}
	replicas := int32(-1)
	if topic.Spec.Replicas != nil {
		replicas = *topic.Spec.Replicas
	}
	return Decision{
		Actions: []Action{{Kind: Create, Partitions: topic.Spec.Partitions, Replicas: replicas, Set: topic.Spec.Config}},
		Verdict: verdict.Verdict{State: verdict.Ready, Reason: reason, Message: message},
		Owned:   true,
	}
}

func adopt(topic *v1alpha1.StreamTopic, observed *Observed, conflict string) Decision {
	switch topic.Spec.AdoptionPolicy {
	case v1alpha1.AdoptNever:
		return refuse(conflict, "topic %s exists already: set adoptionPolicy to IfMatches or Always to take it over", topic.Topic())
	case v1alpha1.AdoptAlways:
		return align(topic, observed, v1alpha1.ReasonTopicAdopted)
	case v1alpha1.AdoptIfMatches:
	default:
	}
	if differences := differences(topic, observed); len(differences) > 0 {
		return refuse(v1alpha1.ReasonTopicDiffers,
			"topic %s exists already and differs (%s): change the spec, or set adoptionPolicy: Always to change the topic",
			topic.Topic(), strings.Join(differences, ", "))
	}
	return align(topic, observed, v1alpha1.ReasonTopicAdopted)
}

func differences(topic *v1alpha1.StreamTopic, observed *Observed) []string {
	var list []string
	if topic.Spec.Partitions != observed.Partitions {
		list = append(list, fmt.Sprintf("partitions %d, not %d", observed.Partitions, topic.Spec.Partitions))
	}
	if topic.Spec.Replicas != nil && *topic.Spec.Replicas != observed.Replicas {
		list = append(list, fmt.Sprintf("replicas %d, not %d", observed.Replicas, *topic.Spec.Replicas))
	}
	for _, key := range slices.Sorted(maps.Keys(topic.Spec.Config)) {
		if want, have := topic.Spec.Config[key], observed.Config[key]; want != have {
			list = append(list, fmt.Sprintf("%s %q, not %q", key, have, want))
		}
	}
	return list
}

// align brings a topic that is ours to what the spec says. What can't be done does not keep the rest from being done.
func align(topic *v1alpha1.StreamTopic, observed *Observed, reason string) Decision {
	d := Decision{Owned: true}
	d.Verdict = verdict.Verdict{State: verdict.Ready, Reason: reason, Message: fmt.Sprintf("topic %s is as the spec says", topic.Topic())}
	if alter, changed := alterations(topic, observed); changed {
		d.Actions = append(d.Actions, alter)
	}
	switch {
	case topic.Spec.Partitions > observed.Partitions:
		d.Actions = append(d.Actions, Action{Kind: Grow, Partitions: topic.Spec.Partitions})
	case topic.Spec.Partitions < observed.Partitions:
		d.Verdict = stalled(v1alpha1.ReasonPartitionsShrink, "topic %s has %d partitions and Kafka can't remove any: set spec.partitions to %d",
			topic.Topic(), observed.Partitions, observed.Partitions)
	}
	if topic.Spec.Replicas != nil && *topic.Spec.Replicas != observed.Replicas {
		d.Verdict = stalled(v1alpha1.ReasonReplicasDiffer, "topic %s has %d replicas, not %d: move its replicas with Kafka's own tools",
			topic.Topic(), observed.Replicas, *topic.Spec.Replicas)
	}
	return d
}

func alterations(topic *v1alpha1.StreamTopic, observed *Observed) (Action, bool) {
	a := Action{Kind: Alter}
	for key, want := range topic.Spec.Config {
		if have, known := observed.Config[key]; !known || have != want {
			if a.Set == nil {
				a.Set = map[string]string{}
			}
			a.Set[key] = want
		}
	}
	for _, key := range topic.Status.ConfigKeys {
		if _, still := topic.Spec.Config[key]; !still {
			a.Unset = append(a.Unset, key)
		}
	}
	return a, len(a.Set)+len(a.Unset) > 0
}

func refuse(reason, format string, args ...any) Decision {
	return Decision{Verdict: stalled(reason, format, args...)}
}

func stalled(reason, format string, args ...any) verdict.Verdict {
	return verdict.Verdict{State: verdict.Stalled, Reason: reason, Message: fmt.Sprintf(format, args...)}
}
