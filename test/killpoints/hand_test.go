package killpoints

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/millrace/millrace/api/v1alpha1"
)

// when says on which side of an effect an operator dies.
type when string

const (
	before when = "before"
	after  when = "after" // its answer is lost
)

// kill is one kill point: the nth effect of a name, from 1, since the recording began.
type kill struct {
	name string
	n    int
	when when
}

func (k *kill) String() string {
	return fmt.Sprintf("%s %s (%d)", k.when, k.name, k.n)
}

// recorder sees the effects of all operators of a run, one after the other.
type recorder struct {
	mu    sync.Mutex
	armed bool
	kills []*kill // that are still to come
	met   int
	count map[string]int
	list  []string // the names in the order in which they came
}

// arm begins the recording.
func (r *recorder) arm() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.armed = true
}

// see notes an effect that is about to happen, and says whether the operator dies by it.
func (r *recorder) see(name string) when {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.armed {
		return ""
	}
	r.count[name]++
	r.list = append(r.list, name)
	i := slices.IndexFunc(r.kills, func(k *kill) bool { return k.name == name && k.n == r.count[name] })
	if i < 0 {
		return ""
	}
	w := r.kills[i].when
	r.kills = slices.Delete(slices.Clone(r.kills), i, i+1)
	r.met++
	return w
}

var errDead = errors.New("this operator is dead")

// hand is all by which one operator reaches the world. Once it is dead nothing passes any more.
type hand struct {
	recorder *recorder
	weather  *weather // nil is fair
	stop     context.CancelFunc
	dialer   func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex
	dead  bool
	site  string // of what is done on Kafka
	conns map[net.Conn]bool
}

// die ends the operator, there and then.
func (h *hand) die() {
	h.mu.Lock()
	h.dead = true
	conns := h.conns
	h.conns = nil
	h.mu.Unlock()
	h.stop()
	for c := range conns {
		_ = c.Close()
	}
}

func (h *hand) isDead() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dead
}

// do lets an effect happen, or not, or without an answer.
func (h *hand) do(name string, effect func() error) error {
	if h.isDead() {
		return errDead
	}
	w := h.recorder.see(name)
	if w == before {
		h.die()
		return errDead
	}
	err := effect()
	if w == after {
		h.die()
		return errDead
	}
	return err
}

// live returns a client past any cache.
func (h *hand) live(a *api) client.WithWatch {
	name := func(verb string, o client.Object) string {
		return strings.TrimSuffix(verb+" "+kindOf(o)+" "+known(o), " ")
	}
	return interceptor.NewClient(a, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if h.isDead() {
				return errDead
			}
			return c.Get(ctx, key, o, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if h.isDead() {
				return errDead
			}
			return c.List(ctx, list, opts...)
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return h.do(name("create", o), func() error { return c.Create(ctx, o, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return h.do(name("delete", o), func() error { return c.Delete(ctx, o, opts...) })
		},
		DeleteAllOf: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteAllOfOption) error {
			return h.do("delete all of "+kindOf(o), func() error { return c.DeleteAllOf(ctx, o, opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			return h.do(name("update", o), func() error { return c.Update(ctx, o, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, opts ...client.PatchOption) error {
			return h.do(name("patch", o), func() error { return h.weather.write(o, func() error { return c.Patch(ctx, o, patch, opts...) }) })
		},
		Apply: func(ctx context.Context, c client.WithWatch, o runtime.ApplyConfiguration, opts ...client.ApplyOption) error {
			return h.do("apply "+applied(o), func() error { return c.Apply(ctx, o, opts...) })
		},
		SubResourceCreate: func(ctx context.Context, c client.Client, sub string, o, subObject client.Object, opts ...client.SubResourceCreateOption) error {
			return h.do(name("create "+sub, o), func() error { return c.SubResource(sub).Create(ctx, o, subObject, opts...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
			return h.do(name("update "+sub, o), func() error { return c.SubResource(sub).Update(ctx, o, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
			return h.do(sub+" "+journal(o), func() error {
				return h.weather.write(o, func() error { return c.SubResource(sub).Patch(ctx, o, patch, opts...) })
			})
		},
		SubResourceApply: func(ctx context.Context, c client.Client, sub string, o runtime.ApplyConfiguration, opts ...client.SubResourceApplyOption) error {
			return h.do("apply "+sub+" "+applied(o), func() error { return c.SubResource(sub).Apply(ctx, o, opts...) })
		},
	})
}

// known is an object's name, where it does not hang on a hash or a uid.
func known(o client.Object) string {
	switch o.(type) {
	case *appsv1.ControllerRevision, *v1alpha1.StreamSavepoint:
		return ""
	default:
		if strings.Contains(o.GetName(), "-trial-") {
			return jobName + "-trial"
		}
		return o.GetName()
	}
}

// applied names what is applied.
func applied(o runtime.ApplyConfiguration) string {
	var named metav1.PartialObjectMetadata
	if text, err := json.Marshal(o); err != nil || json.Unmarshal(text, &named) != nil {
		return fmt.Sprintf("%T", o)
	}
	return named.Kind + " " + named.Name
}

// journal names a status by what it says of where the job is: two that say the same are the same effect.
func journal(o client.Object) string {
	job, ok := o.(*v1alpha1.StreamJob)
	if !ok {
		return kindOf(o) + " " + o.GetName()
	}
	s := &job.Status
	parts := []string{fmt.Sprintf("epoch %d %s", s.Epoch, s.Phase)}
	if a := s.Attempt; a != nil {
		parts = append(parts, fmt.Sprintf("attempt %d %s %s", a.Epoch, a.Kind, a.Phase))
	}
	if s.Probation != nil {
		parts = append(parts, "on probation")
	}
	if t := s.Trial; t != nil {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("trial %s", t.Outcome)))
	}
	return strings.Join(parts, ", ")
}
