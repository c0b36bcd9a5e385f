package killpoints

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/millrace/millrace/api/v1alpha1"
)

// api is an API server in memory. controller-runtime's fake has no object ids and no generations; here it gets them, as far as somebody asks.
type api struct {
	client.WithWatch

	mu        sync.Mutex
	listeners []chan struct{}
}

func newAPI(t *testing.T) *api {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	none := func(client.Object) []string { return nil }
	a := &api{}
	a.WithWatch = fake.NewClientBuilder().WithScheme(scheme).
		WithStatusSubresource(&v1alpha1.StreamJob{}, &appsv1.StatefulSet{}, &corev1.Pod{}, &batchv1.Job{}, &v1alpha1.StreamSavepoint{}).
		WithIndex(&v1alpha1.StreamTopic{}, "spec.connectionRef.name", none).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
				defer a.tell()
				o.SetUID(types.UID(rand.Text()))
				o.SetGeneration(1)
				return c.Create(ctx, o, opts...)
			},
			Apply: a.apply,
			Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
				defer a.tell()
				return c.Delete(ctx, o, opts...)
			},
			Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
				defer a.tell()
				return c.Update(ctx, o, opts...)
			},
			Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, opts ...client.PatchOption) error {
				defer a.tell()
				return c.Patch(ctx, o, patch, opts...)
			},
			SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
				defer a.tell()
				return c.SubResource(sub).Update(ctx, o, opts...)
			},
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
				defer a.tell()
				return c.SubResource(sub).Patch(ctx, o, patch, opts...)
			},
		}).Build()
	return a
}

// apply is server-side apply where there is one who applies: what it says replaces all that it said before, and the status stays. The fake's own
// does not merge what it holds with what it is given.
func (a *api) apply(ctx context.Context, c client.WithWatch, o runtime.ApplyConfiguration, _ ...client.ApplyOption) error {
	defer a.tell()
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	var named metav1.PartialObjectMetadata
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	want, err := newObject(c.Scheme(), named.GroupVersionKind())
	if err != nil {
		return err
	}
	have, err := newObject(c.Scheme(), named.GroupVersionKind())
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, want); err != nil {
		return err
	}
	err = c.Get(ctx, client.ObjectKeyFromObject(want), have)
	if apierrors.IsNotFound(err) {
		want.SetUID(types.UID(rand.Text()))
		want.SetGeneration(1)
		return c.Create(ctx, want)
	}
	if err != nil {
		return err
	}
	want.SetUID(have.GetUID())
	want.SetGeneration(have.GetGeneration())
	want.SetResourceVersion(have.GetResourceVersion())
	want.SetCreationTimestamp(have.GetCreationTimestamp())
	if before, ok := have.(*appsv1.StatefulSet); ok && !equality.Semantic.DeepEqual(before.Spec, want.(*appsv1.StatefulSet).Spec) {
		want.SetGeneration(have.GetGeneration() + 1)
	}
	return c.Update(ctx, want)
}

func newObject(scheme *runtime.Scheme, kind schema.GroupVersionKind) (client.Object, error) {
	made, err := scheme.New(kind)
	if err != nil {
		return nil, err
	}
	o, ok := made.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no object", kind)
	}
	return o, nil
}

// listen returns a channel that is received from when something was written.
func (a *api) listen() chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := make(chan struct{}, 1)
	a.listeners = append(a.listeners, c)
	return c
}

func (a *api) tell() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// kindOf names the kind of an object.
func kindOf(o any) string { return reflect.TypeOf(o).Elem().Name() }
