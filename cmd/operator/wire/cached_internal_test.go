package wire

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/controllers/render"
)

// An operator in a cluster of thousands of pods holds those of its jobs.
func TestOnlyWhatIsAJobsIsKept(t *testing.T) {
	o, err := cached(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.ByObject) == 0 || o.DefaultNamespaces != nil || o.DefaultTransform == nil {
		t.Errorf("the cache is %+v", o)
	}
	for kind, by := range o.ByObject {
		if by.Label == nil || by.Label.Matches(labels.Set{"app": "another"}) || !by.Label.Matches(labels.Set{render.LabelJob: "j", render.LabelRemoval: "s"}) {
			t.Errorf("%T is kept where %v", kind, by.Label)
		}
	}
}

func TestNamespacesBoundWhatIsKept(t *testing.T) {
	o, err := cached([]string{"a", "b"})
	if err != nil || len(o.DefaultNamespaces) != 2 {
		t.Errorf("the namespaces are %v, %v", o.DefaultNamespaces, err)
	}
	for kind, by := range o.ByObject {
		if by.Namespaces != nil {
			t.Errorf("%T has namespaces of its own: %v", kind, by.Namespaces)
		}
	}
}

func TestSecretsAreNeverWatched(t *testing.T) {
	o, err := cached(nil)
	if err != nil {
		t.Fatal(err)
	}
	for kind := range o.ByObject {
		if _, ok := kind.(*corev1.Secret); ok {
			t.Error("there is a cache of Secrets")
		}
	}
	var found client.Object
	for _, kind := range uncached() {
		if s, ok := kind.(*corev1.Secret); ok {
			found = s
		}
	}
	if found == nil {
		t.Error("a client that reads a Secret would watch all of them")
	}
}
