package object

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	// FieldOwner is the one owner of all fields that the operator applies.
	FieldOwner = "millrace-operator"
	// AnnotationApplied holds the hash of what was applied last, so that a field that left it is noticed.
	AnnotationApplied = "millrace.dev/applied"
)

// Applier applies children of an owner.
type Applier struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Reader reads past the cache, which holds only objects that carry our labels.
	Reader client.Reader
	// Wrote is told of each object that was not so already; nil tells nobody.
	Wrote func(desired client.Object)
}

// Apply brings a child to the desired state. It writes nothing when the child is so already, and refuses to take over an
// object that has another controller.
func (a Applier) Apply(ctx context.Context, owner types.UID, desired client.Object) error {
	tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(desired)
	if err != nil {
		return fault.Wrap(fault.Bug, err, "convert %T", desired)
	}
	delete(tree, "status")
	want := &unstructured.Unstructured{Object: tree}
	hash, err := hashOf(tree)
	if err != nil {
		return err
	}
	annotations := want.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[AnnotationApplied] = hash
	want.SetAnnotations(annotations)
	live, err := a.live(ctx, desired)
	if err != nil {
		return err
	}
	if live != nil {
		if err := mine(owner, desired, live); err != nil {
			return err
		}
		have, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
		if err != nil {
			return fault.Wrap(fault.Bug, err, "convert %T", live)
		}
		delete(tree, "kind")
		delete(tree, "apiVersion")
		if within(tree, have) {
			return nil
		}
		want.SetGroupVersionKind(desired.GetObjectKind().GroupVersionKind())
	}
	err = a.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(want), client.FieldOwner(FieldOwner), client.ForceOwnership)
	if err == nil && a.Wrote != nil {
		a.Wrote(desired)
	}
	return err
}

// mine refuses an object of somebody else. One of a former owner of the same name is about to be collected.
func mine(owner types.UID, desired, live client.Object) error {
	kind := desired.GetObjectKind().GroupVersionKind().Kind
	have, want := metav1.GetControllerOf(live), metav1.GetControllerOf(desired)
	switch {
	case have != nil && have.UID == owner:
		return nil
	case have != nil && want != nil && have.Kind == want.Kind && have.Name == want.Name:
		return fault.New(fault.Transient, fault.Place{}, "%s %s still is the former %s's, and waits for its collection", kind, live.GetName(), have.Kind)
	}
	return fault.New(fault.User, fault.Place{}, "%s %s exists and is not this job's", kind, live.GetName()).
		Do("delete it, or give the job another name")
}

// live returns the object as it is, or nil.
func (a Applier) live(ctx context.Context, desired client.Object) (client.Object, error) {
	found, ok := reflect.TypeAssert[client.Object](reflect.New(reflect.TypeOf(desired).Elem()))
	if !ok {
		return nil, fault.New(fault.Bug, fault.Place{}, "%T is no object", desired)
	}
	key := client.ObjectKeyFromObject(desired)
	err := a.Client.Get(ctx, key, found)
	if apierrors.IsNotFound(err) {
		err = a.Reader.Get(ctx, key, found)
	}
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // no object is an answer
	}
	return found, err
}

func hashOf(tree map[string]any) (string, error) {
	text, err := json.Marshal(tree)
	if err != nil {
		return "", fault.Wrap(fault.Bug, err, "encode an object")
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// within says whether all that is wanted is there: what the API server or others added does not count.
func within(want, have any) bool {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok {
			return len(w) == 0 && have == nil
		}
		for key, value := range w {
			if !within(value, h[key]) {
				return false
			}
		}
		return true
	case []any:
		h, ok := have.([]any)
		if !ok || len(h) != len(w) {
			return len(w) == 0 && have == nil
		}
		for i := range w {
			if !within(w[i], h[i]) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(want, have)
	}
}
