package topicplan_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/controllers/verdict"
)

func topic(change func(*v1alpha1.StreamTopic)) *v1alpha1.StreamTopic {
	t := &v1alpha1.StreamTopic{}
	t.Name = "bids"
	t.Spec = v1alpha1.StreamTopicSpec{Partitions: 4, Config: map[string]string{"retention.ms": "1000"}, AdoptionPolicy: v1alpha1.AdoptIfMatches}
	if change != nil {
		change(t)
	}
	return t
}

func owned(t *v1alpha1.StreamTopic) {
	t.Status.TopicID, t.Status.ConfigKeys = "id-1", []string{"retention.ms"}
}

func seen(change func(*topicplan.Observed)) *topicplan.Observed {
	o := &topicplan.Observed{ID: "id-1", Partitions: 4, Replicas: 1, Config: map[string]string{"retention.ms": "1000", "cleanup.policy": "delete"}}
	if change != nil {
		change(o)
	}
	return o
}

func TestPlan(t *testing.T) {
	two := int32(2)
	cases := map[string]struct {
		topic    *v1alpha1.StreamTopic
		observed *topicplan.Observed
		owner    string
		actions  []topicplan.Action
		state    verdict.State
		reason   string
		owned    bool
	}{
		"a topic that is not there is created": {
			topic: topic(nil), actions: []topicplan.Action{{Kind: topicplan.Create, Partitions: 4, Replicas: -1, Set: map[string]string{"retention.ms": "1000"}}},
			reason: v1alpha1.ReasonTopicCreated, owned: true,
		},
		"a topic that vanished is created again, and that is said": {
			topic: topic(owned), actions: []topicplan.Action{{Kind: topicplan.Create, Partitions: 4, Replicas: -1, Set: map[string]string{"retention.ms": "1000"}}},
			reason: v1alpha1.ReasonTopicMissing, owned: true,
		},
		"a topic of ours that is as the spec says is left alone": {
			topic: topic(owned), observed: seen(nil), reason: v1alpha1.ReasonReady, owned: true,
		},
		"a topic of ours grows": {
			topic: topic(owned), observed: seen(func(o *topicplan.Observed) { o.Partitions = 2 }),
			actions: []topicplan.Action{{Kind: topicplan.Grow, Partitions: 4}}, reason: v1alpha1.ReasonReady, owned: true,
		},
		"shrinking is refused, and the configuration still follows": {
			topic: topic(owned), observed: seen(func(o *topicplan.Observed) { o.Partitions = 8; o.Config["retention.ms"] = "5" }),
			actions: []topicplan.Action{{Kind: topicplan.Alter, Set: map[string]string{"retention.ms": "1000"}}},
			state:   verdict.Stalled, reason: v1alpha1.ReasonPartitionsShrink, owned: true,
		},
		"configuration that drifted is put back": {
			topic: topic(owned), observed: seen(func(o *topicplan.Observed) { o.Config["retention.ms"] = "5" }),
			actions: []topicplan.Action{{Kind: topicplan.Alter, Set: map[string]string{"retention.ms": "1000"}}}, reason: v1alpha1.ReasonReady, owned: true,
		},
		"a key that left the spec goes back to the default, others stay": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { owned(t); t.Spec.Config = nil }),
			observed: seen(nil), actions: []topicplan.Action{{Kind: topicplan.Alter, Unset: []string{"retention.ms"}}}, reason: v1alpha1.ReasonReady, owned: true,
		},
		"replicas that differ are said, not moved": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { owned(t); t.Spec.Replicas = &two }),
			observed: seen(nil), state: verdict.Stalled, reason: v1alpha1.ReasonReplicasDiffer, owned: true,
		},
		"a topic that exists and matches is adopted": {
			topic: topic(nil), observed: seen(nil), reason: v1alpha1.ReasonTopicAdopted, owned: true,
		},
		"a topic that exists and differs is not adopted under IfMatches": {
			topic: topic(nil), observed: seen(func(o *topicplan.Observed) { o.Partitions = 2 }), state: verdict.Stalled, reason: v1alpha1.ReasonTopicDiffers,
		},
		"a topic that exists and differs is changed under Always": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { t.Spec.AdoptionPolicy = v1alpha1.AdoptAlways }),
			observed: seen(func(o *topicplan.Observed) { o.Partitions = 2 }),
			actions:  []topicplan.Action{{Kind: topicplan.Grow, Partitions: 4}}, reason: v1alpha1.ReasonTopicAdopted, owned: true,
		},
		"a topic that exists is not touched under Never": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { t.Spec.AdoptionPolicy = v1alpha1.AdoptNever }),
			observed: seen(nil), state: verdict.Stalled, reason: v1alpha1.ReasonTopicExists,
		},
		"a topic made anew behind our back is not taken for ours": {
			topic: topic(owned), observed: seen(func(o *topicplan.Observed) { o.ID = "id-2" }), state: verdict.Stalled, reason: v1alpha1.ReasonTopicReplaced,
		},
		"a topic made anew is taken over under Always": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { owned(t); t.Spec.AdoptionPolicy = v1alpha1.AdoptAlways }),
			observed: seen(func(o *topicplan.Observed) { o.ID = "id-2" }), reason: v1alpha1.ReasonTopicAdopted, owned: true,
		},
		"the older of two owners wins": {
			topic: topic(nil), owner: "other/bids", state: verdict.Stalled, reason: v1alpha1.ReasonResourceConflict,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := topicplan.Plan(c.topic, topicplan.World{Observed: c.observed, Owner: c.owner})
			if !reflect.DeepEqual(got.Actions, c.actions) {
				t.Errorf("actions %+v, want %+v", got.Actions, c.actions)
			}
			if got.Verdict.State != c.state || got.Verdict.Reason != c.reason || got.Owned != c.owned {
				t.Errorf("verdict %+v owned %v, want %v %s owned %v", got.Verdict, got.Owned, c.state, c.reason, c.owned)
			}
		})
	}
}

func TestPlanDeletion(t *testing.T) {
	remove := func(t *v1alpha1.StreamTopic) { owned(t); t.Spec.DeletionPolicy = v1alpha1.DeletionDelete }
	cases := map[string]struct {
		topic    *v1alpha1.StreamTopic
		observed *topicplan.Observed
		deletes  bool
	}{
		"retained by default":                 {topic(owned), seen(nil), false},
		"deleted when asked":                  {topic(remove), seen(nil), true},
		"nothing to delete":                   {topic(remove), nil, false},
		"a topic that we never had is left":   {topic(func(t *v1alpha1.StreamTopic) { remove(t); t.Status.TopicID = "" }), seen(nil), false},
		"a topic made anew by others is left": {topic(remove), seen(func(o *topicplan.Observed) { o.ID = "id-2" }), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := topicplan.PlanDeletion(c.topic, topicplan.World{Observed: c.observed}); (len(got.Actions) == 1) != c.deletes {
				t.Errorf("actions %+v", got.Actions)
			}
		})
	}
}

// settled is a topic that was brought to its present spec.
func settled(t *v1alpha1.StreamTopic) {
	owned(t)
	t.Generation, t.Status.AppliedGeneration = 3, 3
}

func TestWhatDiffersIsTheSpecsChangeOrADrift(t *testing.T) {
	cases := map[string]struct {
		topic    *v1alpha1.StreamTopic
		observed *topicplan.Observed
		readers  []string
		drift    []string
		reasons  []string // of the notices
		says     string   // in the last notice
	}{
		"as the spec says": {topic: topic(settled), observed: seen(nil)},
		"a value that others changed is a drift": {
			topic: topic(settled), observed: seen(func(o *topicplan.Observed) { o.Config["retention.ms"] = "5" }),
			drift: []string{`retention.ms was "5", is "1000" again`}, reasons: []string{v1alpha1.ReasonDriftReverted}, says: "outside of Millrace",
		},
		"a value that others removed is a drift": {
			topic: topic(settled), observed: seen(func(o *topicplan.Observed) { delete(o.Config, "retention.ms") }),
			drift: []string{`retention.ms was the brokers' default, is "1000" again`}, reasons: []string{v1alpha1.ReasonDriftReverted},
		},
		"a key that is not ours may be what it likes": {
			topic: topic(settled), observed: seen(func(o *topicplan.Observed) { o.Config["cleanup.policy"] = "compact" }),
		},
		"a value that the spec changed is none": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { settled(t); t.Generation++ }),
			observed: seen(func(o *topicplan.Observed) { o.Config["retention.ms"] = "5" }),
			reasons:  []string{v1alpha1.ReasonTopicAltered}, says: "retention.ms",
		},
		"a value that was never brought about is none": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { owned(t); t.Generation = 1 }),
			observed: seen(func(o *topicplan.Observed) { o.Config["retention.ms"] = "5" }), reasons: []string{v1alpha1.ReasonTopicAltered},
		},
		"a value that the broker writes in another way is none": {
			topic: topic(func(t *v1alpha1.StreamTopic) {
				settled(t)
				t.Spec.Config = map[string]string{"cleanup.policy": "compact, delete", "min.cleanable.dirty.ratio": "0.50", "unclean.leader.election.enable": "TRUE"}
				t.Status.ConfigKeys = nil
			}),
			observed: seen(func(o *topicplan.Observed) {
				o.Config = map[string]string{"cleanup.policy": "compact,delete", "min.cleanable.dirty.ratio": "0.5", "unclean.leader.election.enable": "true"}
			}),
		},
		"growth is said, with who reads the topic": {
			topic:    topic(func(t *v1alpha1.StreamTopic) { settled(t); t.Generation++ }),
			observed: seen(func(o *topicplan.Observed) { o.Partitions = 2 }), readers: []string{"a", "b"},
			reasons: []string{v1alpha1.ReasonTopicGrown}, says: "has 4 partitions, 2 before; producers send some keys elsewhere from now on; the StreamJobs a, b begin an epoch",
		},
		"a topic made anew and taken over is no drift, and is warned of": {
			topic: topic(func(t *v1alpha1.StreamTopic) { settled(t); t.Spec.AdoptionPolicy = v1alpha1.AdoptAlways }),
			observed: seen(func(o *topicplan.Observed) {
				o.ID, o.Config["retention.ms"] = "id-2", "5"
			}), readers: []string{"a"},
			reasons: []string{v1alpha1.ReasonTopicReplaced}, says: "id id-2, was id-1",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := topicplan.Plan(c.topic, topicplan.World{Observed: c.observed, Readers: c.readers})
			if !slices.Equal(got.Drift, c.drift) {
				t.Errorf("drift %q, want %q", got.Drift, c.drift)
			}
			var reasons []string
			for _, n := range got.Notices {
				reasons = append(reasons, n.Reason)
				warns := n.Reason == v1alpha1.ReasonDriftReverted || n.Reason == v1alpha1.ReasonTopicReplaced
				if n.Warning != warns {
					t.Errorf("notice %+v", n)
				}
			}
			if !slices.Equal(reasons, c.reasons) || c.says != "" && !strings.Contains(got.Notices[len(reasons)-1].Message, c.says) {
				t.Errorf("notices %+v, want %v with %q", got.Notices, c.reasons, c.says)
			}
		})
	}
}

func TestATopicThatIsNotManagedIsOnlyLookedAt(t *testing.T) {
	foreign := func(t *v1alpha1.StreamTopic) {
		owned(t)
		t.Annotations = map[string]string{v1alpha1.AnnotationManaged: "false"}
		t.Spec.DeletionPolicy = v1alpha1.DeletionDelete
	}
	cases := map[string]struct {
		observed *topicplan.Observed
		state    verdict.State
		reason   string
	}{
		"it is there":              {seen(nil), verdict.Ready, v1alpha1.ReasonUnmanaged},
		"it is there, and differs": {seen(func(o *topicplan.Observed) { o.Partitions, o.ID = 7, "id-2" }), verdict.Ready, v1alpha1.ReasonUnmanaged},
		"it is not there":          {nil, verdict.Reconciling, v1alpha1.ReasonTopicMissing},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := topicplan.World{Observed: c.observed, Owner: "other/bids"}
			got := topicplan.Plan(topic(foreign), w)
			if len(got.Actions) > 0 || got.Owned || got.Verdict.State != c.state || got.Verdict.Reason != c.reason {
				t.Errorf("got %+v", got)
			}
			if gone := topicplan.PlanDeletion(topic(foreign), topicplan.World{Observed: c.observed}); len(gone.Actions) > 0 {
				t.Errorf("its deletion does %+v", gone.Actions)
			}
		})
	}
}

// A StreamTopic that lost its topic to an older one may still have its id in the status.
func TestWhatAnotherHoldsIsNotDeleted(t *testing.T) {
	gone := topicplan.PlanDeletion(topic(func(t *v1alpha1.StreamTopic) { owned(t); t.Spec.DeletionPolicy = v1alpha1.DeletionDelete }),
		topicplan.World{Observed: seen(nil), Owner: "other/bids"})
	if len(gone.Actions) > 0 {
		t.Errorf("got %+v", gone.Actions)
	}
}

func TestPartitionsWithDifferentReplicasAreSaid(t *testing.T) {
	three := int32(3)
	got := topicplan.Plan(topic(func(t *v1alpha1.StreamTopic) { settled(t); t.Spec.Replicas = &three }),
		topicplan.World{Observed: seen(func(o *topicplan.Observed) { o.Replicas, o.MostReplicas = 3, 4 })})
	if got.Verdict.Reason != v1alpha1.ReasonReplicasDiffer || !strings.Contains(got.Verdict.Message, "between 3 and 4") {
		t.Errorf("got %+v", got.Verdict)
	}
}

func TestADriftIsSaidInBounds(t *testing.T) {
	long := strings.Repeat("v", 10_000)
	got := topicplan.Plan(topic(func(t *v1alpha1.StreamTopic) {
		settled(t)
		t.Spec.Config = map[string]string{}
		for i := range 64 {
			t.Spec.Config["key."+strconv.Itoa(i)] = long
		}
	}), topicplan.World{Observed: seen(nil)})
	if len(got.Drift) != 16 || len(strings.Join(got.Drift, "")) > 4096 || !strings.Contains(got.Drift[15], "and 49 more") {
		t.Errorf("%d of %d bytes: %q", len(got.Drift), len(strings.Join(got.Drift, "")), got.Drift[len(got.Drift)-1])
	}
}
