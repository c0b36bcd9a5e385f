package topicplan_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/controllers/verdict"
)

func TestATopicThatAJobReadsDoesNotGrow(t *testing.T) {
	topic := &v1alpha1.StreamTopic{ObjectMeta: metav1.ObjectMeta{Name: "flights"}, Spec: v1alpha1.StreamTopicSpec{Partitions: 6}}
	topic.Status.TopicID = "id"
	observed := &topicplan.Observed{ID: "id", Partitions: 4, Replicas: 1}
	d := topicplan.Plan(topic, observed, "")
	if !d.Grows() || !d.HeldBy(nil, topic, observed).Grows() {
		t.Fatalf("a topic that nobody reads does not grow: %+v", d)
	}
	held := d.HeldBy([]string{"delays"}, topic, observed)
	if held.Grows() || !held.Owned || held.Verdict.State != verdict.Stalled || held.Verdict.Reason != v1alpha1.ReasonInUse ||
		!strings.Contains(held.Verdict.Message, "StreamJob delays reads it") {
		t.Errorf("%+v", held)
	}
}
