//go:build envtest

package envtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/test/gitops"
)

// views looks at every status that the operator writes in any of the tests: those who wait for an object must agree on it.
type views struct {
	rule *gitops.Rule

	mu      sync.Mutex
	seen    map[string]int // by kind, phase and view
	wrong   []string
	watched int
}

// watch looks until the context ends.
func (v *views) watch(ctx context.Context, config *rest.Config, resources ...string) error {
	c, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := dynamicinformer.NewDynamicSharedInformerFactory(c, 0)
	for _, r := range resources {
		informer := factory.ForResource(schema.GroupVersionResource{Group: v1alpha1.GroupVersion.Group, Version: v1alpha1.GroupVersion.Version, Resource: r}).Informer()
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: v.look, UpdateFunc: func(_, o any) { v.look(o) }}); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	return nil
}

func (v *views) look(o any) {
	object, ok := o.(*unstructured.Unstructured)
	if !ok {
		return
	}
	view, err := v.rule.Look(object)
	phase, _, _ := unstructured.NestedString(object.Object, "status", "phase")
	v.mu.Lock()
	defer v.mu.Unlock()
	v.watched++
	if view.Message = ""; err == nil {
		v.seen[strings.Join([]string{object.GetKind(), phase, view.String()}, " ")]++
	}
	if err != nil || !view.Agrees() {
		conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
		v.wrong = append(v.wrong, fmt.Sprintf("%s %s/%s %s: %s %v: %v", object.GetKind(), object.GetNamespace(), object.GetName(), phase, view, err, conditions))
	}
}

// sum says what there was, and fails where somebody differed, or nothing was seen.
func (v *views) sum() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Printf("%d statuses were looked at by kstatus, Argo CD's rule and kubectl wait (%s):\n", v.watched, time.Now().Format(time.DateOnly))
	for _, name := range slices.Sorted(maps.Keys(v.seen)) {
		fmt.Printf("%6d %s\n", v.seen[name], name)
	}
	if len(v.wrong) > 0 {
		return fmt.Errorf("%d statuses are told differently, first of all\n%s", len(v.wrong), strings.Join(v.wrong[:min(5, len(v.wrong))], "\n"))
	}
	if v.watched == 0 && flag.Lookup("test.run").Value.String() == "" {
		return errors.New("no status was seen")
	}
	return nil
}
