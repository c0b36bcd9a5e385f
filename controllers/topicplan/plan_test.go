package topicplan_test

import (
	"reflect"
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
			got := topicplan.Plan(c.topic, c.observed, c.owner)
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
			if got := topicplan.PlanDeletion(c.topic, c.observed); (len(got.Actions) == 1) != c.deletes {
				t.Errorf("actions %+v", got.Actions)
			}
		})
	}
}
