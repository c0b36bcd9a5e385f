package topicplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

const (
	// maxChanges bounds what is said of a drift.
	maxChanges = 16
	// maxShown bounds a value in a message, in bytes.
	maxShown = 64
)

// Decision is what to do, and what to say once it is done.
type Decision struct {
	Actions []Action
	Verdict verdict.Verdict
	// Owned says that the topic is this StreamTopic's, from now on or still.
	Owned bool
	// Drift says what others have changed and the actions put back, empty when nothing.
	Drift []string
	// Notices are for events.
	Notices []Notice
}

// Plan decides about a StreamTopic that is to be kept.
func Plan(topic *v1alpha1.StreamTopic, w World) Decision {
	observed := w.Observed
	switch {
	case !topic.Managed():
		return look(topic, observed)
	case w.Owner != "":
		return refuse(v1alpha1.ReasonResourceConflict,
			"topic %s is held by the older StreamTopic %s: delete one of the two", topic.Topic(), w.Owner)
	case observed == nil:
		return create(topic)
	case topic.Status.TopicID == "":
		return adopt(topic, w, v1alpha1.ReasonTopicExists)
	case topic.Status.TopicID != observed.ID:
		return replaced(topic, w)
	default:
		return align(topic, w, v1alpha1.ReasonReady)
	}
}

// Foreign is the verdict on a StreamTopic that names what a job of another namespace keeps for itself: nobody looks at it, not even at whether it is there.
func Foreign(topic *v1alpha1.StreamTopic, namespace string) verdict.Verdict {
	return refuse(v1alpha1.ReasonResourceConflict, "topic %s is a StreamJob's own, in the namespace %s: name another topic", topic.Topic(), namespace).Verdict
}

// PlanDeletion decides about a StreamTopic that is being deleted. What another one holds stays, as does what is not managed.
func PlanDeletion(topic *v1alpha1.StreamTopic, w World) Decision {
	ours := w.Observed != nil && topic.Status.TopicID != "" && topic.Status.TopicID == w.Observed.ID
	if topic.Spec.DeletionPolicy != v1alpha1.DeletionDelete || !ours || !topic.Managed() || w.Owner != "" {
		return Decision{}
	}
	return Decision{Actions: []Action{{Kind: Delete}}}
}

// look is for a topic that is somebody else's.
func look(topic *v1alpha1.StreamTopic, observed *Observed) Decision {
	if observed == nil {
		return Decision{Verdict: verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonTopicMissing, Message: fmt.Sprintf(
			"topic %s is not there, and is not made because of the annotation %s: it is looked for again", topic.Topic(), v1alpha1.AnnotationManaged)}}
	}
	message := fmt.Sprintf("topic %s is there, and is only looked at because of the annotation %s", topic.Topic(), v1alpha1.AnnotationManaged)
	if observed.Partitions != topic.Spec.Partitions {
		message += fmt.Sprintf("; it has %d partitions, the spec says %d", observed.Partitions, topic.Spec.Partitions)
	}
	return Decision{Verdict: verdict.Verdict{State: verdict.Ready, Reason: v1alpha1.ReasonUnmanaged, Message: message}}
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

func adopt(topic *v1alpha1.StreamTopic, w World, conflict string) Decision {
	switch topic.Spec.AdoptionPolicy {
	case v1alpha1.AdoptNever:
		return refuse(conflict, "topic %s exists already: set adoptionPolicy to IfMatches or Always to take it over", topic.Topic())
	case v1alpha1.AdoptAlways:
		return align(topic, w, v1alpha1.ReasonTopicAdopted)
	case v1alpha1.AdoptIfMatches:
	default:
	}
	if differences := differences(topic, w.Observed); len(differences) > 0 {
		return refuse(v1alpha1.ReasonTopicDiffers,
			"topic %s exists already and differs (%s): change the spec, or set adoptionPolicy: Always to change the topic",
			topic.Topic(), strings.Join(differences, ", "))
	}
	return align(topic, w, v1alpha1.ReasonTopicAdopted)
}

// replaced is for a topic that was deleted and made anew under its name. Its records are not those that jobs have read.
func replaced(topic *v1alpha1.StreamTopic, w World) Decision {
	if topic.Spec.AdoptionPolicy != v1alpha1.AdoptAlways {
		return refuse(v1alpha1.ReasonTopicReplaced,
			"topic %s was deleted and made anew outside of Millrace (id %s, was %s): set adoptionPolicy: Always to take the new one, or delete it",
			topic.Topic(), w.Observed.ID, topic.Status.TopicID)
	}
	d := align(topic, w, v1alpha1.ReasonTopicAdopted)
	d.Drift = nil // it is another topic
	message := fmt.Sprintf("topic %s was deleted and made anew outside of Millrace (id %s, was %s), and was taken over: adoptionPolicy is Always%s",
		topic.Topic(), w.Observed.ID, topic.Status.TopicID, ofReaders(w.Readers, "read another topic under the old name"))
	d.Notices = []Notice{{Warning: true, Reason: v1alpha1.ReasonTopicReplaced, Message: message}}
	if d.Verdict.State == verdict.Ready {
		d.Verdict.Message = message
	}
	return d
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
		if want, have := topic.Spec.Config[key], observed.Config[key]; !sameValue(want, have) {
			list = append(list, fmt.Sprintf("%s %q, not %q", key, have, want))
		}
	}
	return list
}

// align brings a topic that is ours to what the spec says. What can't be done does not keep the rest from being done.
func align(topic *v1alpha1.StreamTopic, w World, reason string) Decision {
	observed := w.Observed
	d := Decision{Owned: true}
	d.Verdict = verdict.Verdict{State: verdict.Ready, Reason: reason, Message: fmt.Sprintf("topic %s is as the spec says", topic.Topic())}
	drifts := topic.Status.TopicID == observed.ID && topic.Status.AppliedGeneration == topic.Generation
	if alter, changed := alterations(topic, observed); changed {
		d.Actions = append(d.Actions, alter)
		if drifts {
			d.Drift = reverted(alter, observed)
		} else if reason == v1alpha1.ReasonReady {
			d.Notices = append(d.Notices, notice(v1alpha1.ReasonTopicAltered, "the configuration of topic %s follows the spec: %s", topic.Topic(), keys(alter)))
		}
	}
	switch {
	case topic.Spec.Partitions > observed.Partitions:
		d.Actions = append(d.Actions, Action{Kind: Grow, Partitions: topic.Spec.Partitions})
		if reason == v1alpha1.ReasonReady {
			grown := notice(v1alpha1.ReasonTopicGrown, "topic %s has %d partitions, %d before; producers send some keys elsewhere from now on%s",
				topic.Topic(), topic.Spec.Partitions, observed.Partitions, ofReaders(w.Readers, "begin an epoch that reads what was added, and lose no state by it"))
			d.Notices = append(d.Notices, grown)
			d.Verdict.Message = grown.Message
		}
	case topic.Spec.Partitions < observed.Partitions:
		d.Verdict = stalled(v1alpha1.ReasonPartitionsShrink, "topic %s has %d partitions and Kafka can't remove any: set spec.partitions to %d",
			topic.Topic(), observed.Partitions, observed.Partitions)
	}
	if len(d.Drift) > 0 {
		d.Notices = append(d.Notices, warning(v1alpha1.ReasonDriftReverted, "topic %s had been changed outside of Millrace and was put back: %s",
			topic.Topic(), strings.Join(d.Drift, ", ")))
	}
	if v, differ := replication(topic, observed); differ {
		d.Verdict = v
	}
	return d
}

// replication says whether the topic has other replicas than it should.
func replication(topic *v1alpha1.StreamTopic, observed *Observed) (verdict.Verdict, bool) {
	switch most := observed.MostReplicas; {
	case topic.Spec.Replicas != nil && *topic.Spec.Replicas != observed.Replicas:
		return stalled(v1alpha1.ReasonReplicasDiffer, "topic %s has %d replicas, not %d: move its replicas with Kafka's own tools",
			topic.Topic(), observed.Replicas, *topic.Spec.Replicas), true
	case topic.Spec.Replicas != nil && most > observed.Replicas:
		return stalled(v1alpha1.ReasonReplicasDiffer, "partitions of topic %s have between %d and %d replicas, not %d: move its replicas with Kafka's own tools",
			topic.Topic(), observed.Replicas, most, *topic.Spec.Replicas), true
	default:
		return verdict.Verdict{}, false
	}
}

// ofReaders is what is added to a message for the jobs that read the topic.
func ofReaders(jobs []string, do string) string {
	if len(jobs) == 0 {
		return ""
	}
	const most = 10
	more := ""
	if len(jobs) > most {
		more, jobs = fmt.Sprintf(" and %d more", len(jobs)-most), jobs[:most]
	}
	return fmt.Sprintf("; the StreamJobs %s%s %s", strings.Join(jobs, ", "), more, do)
}

// reverted says what an alteration puts back.
func reverted(alter Action, observed *Observed) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(alter.Set)) {
		was := "the brokers' default"
		if value, set := observed.Config[key]; set {
			was = fmt.Sprintf("%q", shown(value))
		}
		list = append(list, fmt.Sprintf("%s was %s, is %q again", key, was, shown(alter.Set[key])))
	}
	if len(list) > maxChanges {
		list = append(list[:maxChanges-1], fmt.Sprintf("and %d more", len(list)-maxChanges+1))
	}
	return list
}

func shown(value string) string {
	if len(value) > maxShown {
		return strings.ToValidUTF8(value[:maxShown], "") + "…"
	}
	return value
}

// keys lists what an alteration touches.
func keys(alter Action) string {
	list := slices.Concat(slices.Sorted(maps.Keys(alter.Set)), alter.Unset)
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func alterations(topic *v1alpha1.StreamTopic, observed *Observed) (Action, bool) {
	a := Action{Kind: Alter}
	for key, want := range topic.Spec.Config {
		if have, known := observed.Config[key]; !known || !sameValue(have, want) {
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
