package killpoints

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// weather is what an operator meets between it and the API server: conflicts, answers that are lost though it lives on, and a cache that is behind.
// A nil one is fair.
type weather struct {
	mu sync.Mutex
	r  *rand.Rand
	// oneIn of the writes meets a conflict, and oneIn is done without an answer.
	oneIn int
	// stalest is how far the cache is behind at most.
	stalest time.Duration
	// what was met
	conflicts, lost, stale int
}

var errWeather = errors.New("somebody else wrote in between")

func newWeather(seed uint64) *weather {
	const oneIn, stalest = 8, 3 * time.Second
	return &weather{r: rand.New(rand.NewPCG(seed, 7)), oneIn: oneIn, stalest: stalest}
}

func (w *weather) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.r.IntN(n)
}

// write lets a write to the API server through that goes by the version of the object.
func (w *weather) write(o client.Object, effect func() error) error {
	if w == nil {
		return effect()
	}
	switch w.roll(w.oneIn) {
	case 0:
		w.conflicts++
		return apierrors.NewConflict(schema.GroupResource{Resource: kindOf(o)}, o.GetName(), errWeather)
	case 1:
		w.lost++
		if err := effect(); err != nil {
			return err
		}
		return apierrors.NewTimeoutError("the answer is lost", 1)
	default:
		return effect()
	}
}

// cache returns a client that writes as live does, and reads what was there up to a while ago: each kind by itself, never going back.
func (w *weather) cache(live client.WithWatch, a *api) client.Client {
	if w == nil {
		return live
	}
	seen := map[reflect.Type]*snapshotOf{}
	var mu sync.Mutex
	// look returns all objects of a kind, as they were.
	look := func(ctx context.Context, list client.ObjectList) (client.ObjectList, error) {
		mu.Lock()
		defer mu.Unlock()
		kind := reflect.TypeOf(list)
		s := seen[kind]
		if s != nil && time.Now().Before(s.until) {
			w.stale++
			return s.list, nil
		}
		all, _ := reflect.TypeAssert[client.ObjectList](reflect.New(kind.Elem()))
		if err := a.List(ctx, all, client.InNamespace(namespace)); err != nil {
			return nil, err
		}
		seen[kind] = &snapshotOf{list: all, until: time.Now().Add(time.Duration(w.roll(int(w.stalest))))}
		return all, nil
	}
	return interceptor.NewClient(live, interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			all, err := look(ctx, list)
			if err != nil {
				return err
			}
			return filter(all, list, opts)
		},
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			gvk, err := c.GroupVersionKindFor(o)
			if err != nil {
				return err
			}
			made, err := c.Scheme().New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
			if err != nil {
				return err
			}
			list, _ := made.(client.ObjectList)
			all, err := look(ctx, list)
			if err != nil {
				return err
			}
			return pick(all, key, o)
		},
	})
}

// snapshotOf is what a cache knows of a kind, and until when it knows nothing newer.
type snapshotOf struct {
	list  client.ObjectList
	until time.Time
}

// filter puts into list what is asked for of all.
func filter(all, list client.ObjectList, opts []client.ListOption) error {
	o := client.ListOptions{}
	o.ApplyOptions(opts)
	items, err := meta.ExtractList(all)
	if err != nil {
		return err
	}
	kept := items[:0:0]
	for _, item := range items {
		one, err := meta.Accessor(item)
		if err != nil {
			return err
		}
		if o.LabelSelector == nil || o.LabelSelector.Matches(labels.Set(one.GetLabels())) {
			kept = append(kept, item.DeepCopyObject())
		}
	}
	return meta.SetList(list, kept)
}

// pick puts the object of a key into o.
func pick(all client.ObjectList, key client.ObjectKey, o client.Object) error {
	items, err := meta.ExtractList(all)
	if err != nil {
		return err
	}
	for _, item := range items {
		one, ok := item.(client.Object)
		if ok && client.ObjectKeyFromObject(one) == key {
			reflect.ValueOf(o).Elem().Set(reflect.ValueOf(one.DeepCopyObject()).Elem())
			return nil
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: kindOf(o)}, key.Name)
}
