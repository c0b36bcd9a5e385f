package webhook

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	ctrladmission "sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/millrace/millrace/controllers/admission"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

const (
	// limit bounds one look at a change, compiling included; there are two at the most.
	limit = time.Second
	// slots is how many changes are judged at once. One that takes too long keeps its slot until it ends.
	slots = 4
)

// Hook answers for all kinds. Make it with New.
type Hook struct {
	cache, live client.Reader
	compile     func(spec.Job) (*physical.Plan, error)
	workerImage string
	clusterID   string
	decoder     ctrladmission.Decoder
	slots       chan struct{}
}

// Options is what a hook needs.
type Options struct {
	// Cache reads from the cache, and Live past it.
	Cache, Live client.Reader
	// Compile compiles a job.
	Compile func(spec.Job) (*physical.Plan, error)
	// WorkerImage is the image of workers where a job names no version.
	WorkerImage string
	// ClusterID begins the names of what jobs keep on Kafka.
	ClusterID string
	// Scheme knows the kinds.
	Scheme *runtime.Scheme
}

// New returns a hook.
func New(o Options) *Hook {
	return &Hook{
		cache: o.Cache, live: o.Live, compile: o.Compile, workerImage: o.WorkerImage, clusterID: o.ClusterID,
		decoder: ctrladmission.NewDecoder(o.Scheme), slots: make(chan struct{}, slots),
	}
}

// SetUp registers the hook with a manager and its webhook server.
func (h *Hook) SetUp(m ctrl.Manager) error {
	server := m.GetWebhookServer()
	for path, handle := range map[string]ctrladmission.HandlerFunc{
		"/validate/streamjobs": h.Job, "/validate/streamtopics": h.topic, "/validate/kafkaconnections": h.connection,
	} {
		server.Register(path, &ctrladmission.Webhook{Handler: handle})
	}
	return m.Add(h)
}

// NeedLeaderElection says that every replica answers.
func (*Hook) NeedLeaderElection() bool { return false }

// Start waits for the context to end, and then for what is still being judged.
func (h *Hook) Start(ctx context.Context) error {
	<-ctx.Done()
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	return nil
}

// judgement gathers from a reader and judges.
type judgement func(ctx context.Context, from client.Reader, judge *admission.Judge) (admission.Answer, error)

// decide judges by the cache, and once more past it where that would refuse or keep waiting.
func (h *Hook) decide(ctx context.Context, judge judgement) admission.Answer {
	var a admission.Answer
	for _, from := range []client.Reader{h.cache, h.live} {
		var err error
		if a, err = h.bounded(ctx, from, judge); err != nil {
			log.FromContext(ctx).Error(err, "a change was not checked")
			return admission.Answer{Warnings: []string{"the change was not checked: " + err.Error()}}
		}
		if !a.Refused() && !a.Waits {
			break
		}
	}
	return a
}

// bounded judges within the limit. What takes longer is left to itself: it holds its slot until it ends, and then nobody listens.
func (h *Hook) bounded(ctx context.Context, from client.Reader, judge judgement) (admission.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return admission.Answer{}, errors.New("the operator is busy with other changes")
	}
	type outcome struct {
		answer admission.Answer
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() { <-h.slots }()
		defer func() {
			if r := recover(); r != nil {
				log.FromContext(ctx).Info("a change could not be checked", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				done <- outcome{err: errors.New("the operator failed over it; its log says where")}
			}
		}()
		a, err := judge(ctx, from, &admission.Judge{Compile: h.until(ctx), WorkerImage: h.workerImage, ClusterID: h.clusterID})
		done <- outcome{a, err}
	}()
	select {
	case o := <-done:
		return o.answer, o.err
	case <-ctx.Done():
		return admission.Answer{}, fmt.Errorf("it takes longer than %v", limit)
	}
}

// until compiles as long as somebody waits for it.
func (h *Hook) until(ctx context.Context) func(spec.Job) (*physical.Plan, error) {
	return func(job spec.Job) (*physical.Plan, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return h.compile(job)
	}
}
