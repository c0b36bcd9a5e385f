//go:build envtest

package envtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Every object that a job owns comes back when somebody deletes it.
func TestWhatAJobOwnsComesBack(t *testing.T) {
	t.Parallel()
	cases := map[string]client.Object{
		"the plan":              &corev1.ConfigMap{},
		"the workload":          &appsv1.StatefulSet{},
		"the service":           &corev1.Service{},
		"the account":           &corev1.ServiceAccount{},
		"the disruption budget": &policyv1.PodDisruptionBudget{},
		"the network policy":    &networkingv1.NetworkPolicy{},
	}
	for name, o := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := running(t, "")
			key := w.key("job-worker")
			switch o.(type) {
			case *corev1.ConfigMap, *appsv1.StatefulSet:
				key = w.key("job-1")
			}
			w.remove(o, key)
			w.awaitJob("Running 1 Ready")
		})
	}
}

// remove deletes an object and waits until another one has its name.
func (w *world) remove(o client.Object, key client.ObjectKey) {
	w.t.Helper()
	if err := kube.Get(w.t.Context(), key, o); err != nil {
		w.t.Fatal(err)
	}
	old := o.GetUID()
	if err := kube.Delete(w.t.Context(), o, client.PropagationPolicy("Background")); err != nil {
		w.t.Fatal(err)
	}
	w.await("another one", func() error { return isOther(w, o, key, old) })
}

func isOther(w *world, o client.Object, key client.ObjectKey, old types.UID) error {
	if err := kube.Get(w.t.Context(), key, o); err != nil {
		return err
	}
	if o.GetUID() == old {
		return errors.New("it is the old one still")
	}
	return nil
}

// The plan of a query that the spec has left can't be made again: the job says so, and goes on.
func TestAPlanThatIsLostIsAskedFor(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	w.apply(jobYAML("FROM in TO out STATE s2 PLAN p2", ""))
	w.awaitRefusal(v1alpha1.ReasonSavepointsMissing)
	plan := &corev1.ConfigMap{ObjectMeta: named(w, "job-1")}
	if err := kube.Delete(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	w.awaitRefusal(v1alpha1.ReasonPlanMissing)
	w.awaitJob("Running 1 PlanMissing")
	w.apply(jobYAML(sql1, ""))
	w.await("the plan", func() error { return kube.Get(t.Context(), w.key("job-1"), plan) })
	w.awaitJob("Running 1 Ready")
}

func TestInternalTopicsAreMadeAsTheSpecSays(t *testing.T) {
	t.Parallel()
	w := running(t, "internalTopics: {replicas: 1, minInSyncReplicas: 1},")
	for _, topic := range w.topics(w.job().Status.Prefix) {
		configs, err := w.kafka.DescribeTopicConfigs(t.Context(), topic)
		if err != nil {
			t.Fatal(err)
		}
		found := fmt.Errorf("%s: no min.insync.replicas", topic)
		for _, c := range configs[0].Configs {
			if c.Key == "min.insync.replicas" && c.MaybeValue() == "1" && c.Source.String() == "DYNAMIC_TOPIC_CONFIG" {
				found = nil
			}
		}
		if found != nil {
			t.Error(found, configs[0].Configs)
		}
	}
}

// A job says which topics are its own, and takes those with it, and no other: not one that only has such a name.
func TestAJobTakesItsOwnTopicsAlong(t *testing.T) {
	t.Parallel()
	w := running(t, "")
	prefix := w.job().Status.Prefix
	var listed *v1alpha1.JobTopics
	w.await("the topics", func() error {
		if listed = w.job().Status.Topics; listed == nil {
			return errors.New("none are listed")
		}
		return nil
	})
	if !slices.Equal(listed.Reads, []string{"in"}) || !slices.Equal(listed.Writes, []string{"out"}) || !slices.Equal(listed.Internal, w.topics(prefix)) {
		t.Errorf("listed %+v, there are %v", listed, w.topics(prefix))
	}
	held, later := prefix+".1.held", prefix+".9.later"
	w.apply(topicYAML("a", "topicName: "+held+","))
	w.awaitTopic("TopicCreated 2")
	if _, err := w.kafka.CreateTopics(t.Context(), 1, 1, nil, later); err != nil {
		t.Fatal(err)
	}
	job := w.job()
	if err := kube.Delete(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w.await("the job gone", func() error {
		if err := kube.Get(t.Context(), w.key("job"), job); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is there: %w", err)
		}
		return nil
	})
	if left := w.topics(prefix); !slices.Equal(left, []string{held, later}) {
		t.Errorf("left %v, want what the job's record does not own", left)
	}
}
