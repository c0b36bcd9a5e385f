package killpoints

import (
	"context"
	"net"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/streamjob"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/physical"
)

const (
	namespace = "ns"
	jobName   = "job"
	clusterID = "c"
	prefix    = clusterID + "." + namespace + "." + jobName

	// takeOver is how long it takes until another operator begins where one has died.
	takeOver = 500 * time.Millisecond
	// slowest is the longest pause after passes that failed.
	slowest = 5 * time.Second
	// eventDelay is how long it takes until a watch tells the operator of a change.
	eventDelay = 10 * time.Millisecond
)

// operate keeps an operator running until the context ends: another one begins when one has died.
func (w *world) operate(ctx context.Context) {
	for ctx.Err() == nil {
		w.life(ctx)
		select {
		case <-time.After(takeOver):
		case <-ctx.Done():
		}
	}
}

// life is that of one operator.
func (w *world) life(ctx context.Context) {
	ctx, stop := context.WithCancel(log.IntoContext(ctx, logr.FromSlogHandler(w.log.Handler())))
	defer stop()
	h := &hand{recorder: w.recorder, weather: w.weather, stop: stop, dialer: w.network.DialContext, conns: map[net.Conn]bool{}}
	defer h.die()
	pool := kafkaadmin.NewPool(time.Now)
	defer pool.Close()
	live := w.bugs.plant(h.live(w.api))
	r := &streamjob.Reconciler{
		Client: w.weather.cache(live, w.api), Reader: live, Events: events{h}, Chronicle: nobody{}, Now: time.Now,
		Connect: func(_ context.Context, c *v1alpha1.KafkaConnection) (streamjob.Kafka, error) {
			cluster, err := pool.Get(kafkaadmin.Identity{Connection: string(c.UID)}, kafka.Options{Brokers: c.Spec.BootstrapServers, Dial: h.dial})
			return sited{cluster, h, w.bugs}, err
		},
		Compile: compile.Compile, ClusterID: clusterID, WorkerImage: "millrace/worker:v1", Jitter: func(d time.Duration) time.Duration { return d },
	}
	changed := w.api.listen()
	w.log.Info("an operator begins")
	request := ctrl.Request{NamespacedName: client.ObjectKey{Namespace: namespace, Name: jobName}}
	for failures := 0; ctx.Err() == nil; {
		result, err := r.Reconcile(ctx, request)
		wait := result.RequeueAfter
		failures++
		if err == nil {
			failures = 0
		} else {
			w.log.Info("a pass has failed", "cause", err)
			wait = min(slowest, 5*time.Millisecond<<min(failures, 20))
		}
		if wait == 0 {
			wait = time.Hour
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-changed:
			select {
			case <-time.After(eventDelay):
			case <-ctx.Done():
			}
		}
		timer.Stop()
	}
	w.log.Info("the operator is dead")
}

// nobody keeps a chronicle.
type nobody struct{}

func (nobody) Pass(types.NamespacedName, *v1alpha1.StreamJobStatus, []lifecycle.Action) {}
func (nobody) Savepoint(v1alpha1.SavepointOrigin, *v1alpha1.StreamSavepointStatus)      {}

func (nobody) Gone(types.NamespacedName) {}
func (nobody) Scaling(string)            {}

// events are effects too: they are written behind the status.
type events struct{ hand *hand }

func (e events) Eventf(_, _ runtime.Object, _, reason, _, _ string, _ ...any) {
	_ = e.hand.do("event "+reason, func() error { return nil })
}

// sited tells the hand what a request to Kafka is for.
type sited struct {
	streamjob.Kafka
	hand *hand
	bugs bugs
}

func (s sited) at(site string, effect func() error) error {
	set := func(to string) {
		s.hand.mu.Lock()
		s.hand.site = to
		s.hand.mu.Unlock()
	}
	set(site)
	defer set("elsewhere")
	return effect()
}

func (s sited) RequestSavepoint(ctx context.Context, names physical.Topics, id string, now, deadline time.Time) error {
	return s.at("request savepoint", func() error { return s.Kafka.RequestSavepoint(ctx, names, id, now, deadline) })
}

func (s sited) ResumeJob(ctx context.Context, names physical.Topics, id string, now time.Time) error {
	return s.at("resume", func() error { return s.Kafka.ResumeJob(ctx, names, id, now) })
}

func (s sited) Fence(ctx context.Context, prefix string, maxOrdinal int32) error {
	if s.bugs.noFence {
		return nil
	}
	return s.at("fence", func() error { return s.Kafka.Fence(ctx, prefix, maxOrdinal) })
}

func (s sited) CreateInternal(ctx context.Context, topics []physical.InternalTopic, replicas, minInSync int32) error {
	return s.at("internal topics", func() error { return s.Kafka.CreateInternal(ctx, topics, replicas, minInSync) })
}

func (s sited) RemoveMembers(ctx context.Context, prefix string, ordinals []int32) error {
	return s.at("remove members", func() error { return s.Kafka.RemoveMembers(ctx, prefix, ordinals) })
}

func (s sited) DropState(ctx context.Context, remains lifecycle.Remains, stateEpoch int64) error {
	return s.at("drop state", func() error { return s.Kafka.DropState(ctx, remains, stateEpoch) })
}

func (s sited) EndTrial(ctx context.Context, names physical.Topics) error {
	return s.at("end trial", func() error { return s.Kafka.EndTrial(ctx, names) })
}

func (s sited) CleanUp(ctx context.Context, remains lifecycle.Remains) error {
	return s.at("clean up", func() error { return s.Kafka.CleanUp(ctx, remains) })
}
