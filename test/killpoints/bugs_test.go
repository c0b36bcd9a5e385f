package killpoints

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/physical"
)

// bugs are planted between an operator and its hands, to see that the test turns red.
type bugs struct {
	// statusLast writes the status of an attempt behind the effects that it should come before: what an operator has in mind dies with it.
	statusLast bool
	// noFence fences nobody.
	noFence bool
	// noRestore deploys workers that begin empty.
	noRestore bool
	// believes takes a savepoint that was asked for as one that is finished.
	believes bool
	// looksAway sees no state that an earlier job has left.
	looksAway bool
	// early deletes the state before as soon as there is a new epoch.
	early bool
}

// plant puts the bugs of statuses and workloads into a client.
func (b bugs) plant(c client.WithWatch) client.WithWatch {
	var mind *v1alpha1.StreamJob // the job with the status that is not written yet
	inMind := func() bool { return mind != nil }
	return interceptor.NewClient(c, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if err := c.Get(ctx, key, o, opts...); err != nil {
				return err
			}
			if job, ok := o.(*v1alpha1.StreamJob); ok && inMind() {
				job.Status = *mind.Status.DeepCopy()
			}
			return nil
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
			job, ok := o.(*v1alpha1.StreamJob)
			if !ok || !b.statusLast {
				return c.SubResource(sub).Patch(ctx, o, patch, opts...)
			}
			if job.Status.Attempt != nil {
				mind = job.DeepCopy()
				return nil
			}
			fresh := &v1alpha1.StreamJob{}
			if err := c.Get(ctx, client.ObjectKeyFromObject(job), fresh); err != nil {
				return err
			}
			mind = nil
			before := fresh.DeepCopy()
			fresh.Status = job.Status
			return c.SubResource(sub).Patch(ctx, fresh, client.MergeFrom(before))
		},
		Apply: func(ctx context.Context, c client.WithWatch, o runtime.ApplyConfiguration, opts ...client.ApplyOption) error {
			if !b.noRestore {
				return c.Apply(ctx, o, opts...)
			}
			text, err := json.Marshal(o)
			if err != nil {
				return err
			}
			tree := &unstructured.Unstructured{}
			if err := tree.UnmarshalJSON(text); err != nil {
				return err
			}
			if tree.GetKind() == "StatefulSet" {
				if there := c.Get(ctx, client.ObjectKeyFromObject(tree), &appsv1.StatefulSet{}) == nil; there { // or it would be applied for ever
					return nil
				}
				forgetRestore(tree)
			}
			return c.Apply(ctx, client.ApplyConfigurationFromUnstructured(tree), opts...)
		},
	})
}

// forgetRestore takes the flags off that name a savepoint.
func forgetRestore(o *unstructured.Unstructured) {
	list, _, _ := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	for _, c := range list {
		container, ok := c.(map[string]any)
		args, isList := container["args"].([]any)
		if !ok || !isList {
			continue
		}
		container["args"] = slices.DeleteFunc(args, func(a any) bool {
			text, _ := a.(string)
			return strings.HasPrefix(text, "--restore-")
		})
	}
	if len(list) > 0 {
		_ = unstructured.SetNestedSlice(o.Object, list, "spec", "template", "spec", "containers")
	}
}

// Savepoint says what became of a savepoint.
func (s sited) Savepoint(ctx context.Context, names physical.Topics, id string, now time.Time, sources []string) (lifecycle.Savepoint, error) {
	sp, err := s.Kafka.Savepoint(ctx, names, id, now, sources)
	if s.bugs.believes && sp.State == lifecycle.SavepointAsked {
		sp.State = lifecycle.SavepointFinished
	}
	return sp, err
}

// HasState says whether there is anything of a job.
func (s sited) HasState(ctx context.Context, remains lifecycle.Remains) (bool, error) {
	has, err := s.Kafka.HasState(ctx, remains)
	return has && !s.bugs.looksAway, err
}

// Commits says whether the sources have committed.
func (s sited) Commits(ctx context.Context, names physical.Topics, sources []string) (lifecycle.Commits, error) {
	commits, err := s.Kafka.Commits(ctx, names, sources)
	if s.bugs.early {
		commits = lifecycle.CommitsNone
	}
	return commits, err
}

// Each bug is seen, at some kill point of a scenario or without one.
func TestPlantedBugsAreFound(t *testing.T) {
	golden := readGolden(t)
	for name, c := range map[string]struct {
		bugs     bugs
		scenario string
		at       string         // effects whose kill points are played; empty: it is seen when nobody is killed
		set      func(w *world) // nil for nothing
	}{
		"the status is written behind what it leads to": {bugs{statusLast: true}, "upgrade", "status epoch 2 Deploying", nil},
		"nobody is fenced":    {bugs{noFence: true}, "upgrade-lost-node", "", nil},
		"workers begin empty": {bugs{noRestore: true}, "upgrade", "", nil},
		"a savepoint that was asked for is taken as finished": {bugs{believes: true}, "upgrade", "", slowSavepoints},
		"state that is there is not seen":                     {bugs{looksAway: true}, "status-deleted", "", nil},
		"commits are not seen before a way back":              {bugs{early: true}, "upgrade", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := scenarios()
			s := list[slices.IndexFunc(list, func(s *scenario) bool { return s.name == c.scenario })]
			kills := [][]*kill{nil}
			if c.at != "" {
				kills = nil
				for _, k := range golden[s.name].kills() {
					if strings.HasPrefix(k.name, c.at) {
						kills = append(kills, []*kill{k})
					}
				}
			}
			for _, k := range kills {
				o := play(t, s, k, nil, func(w *world) { w.bugs = c.bugs }, c.set)
				if o.failed() {
					t.Logf("killed %v: %s", k, o.String())
					return
				}
				if list := golden[s.name].differs(o.names); k == nil && len(list) > 0 {
					t.Log(strings.Join(list, "; "))
					return
				}
			}
			t.Errorf("nobody has seen it in %d runs", len(kills))
		})
	}
}
