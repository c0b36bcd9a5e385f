package fakenode

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/cmd/worker/program"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/savepoint/parquet"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
)

// restartPause is between the end of a worker and its next start.
const restartPause = time.Second

// process is the worker of a pod.
type process struct {
	stop    context.CancelFunc
	done    chan struct{} // closed when it has ended and is not started again
	worker  atomic.Pointer[worker.Worker]
	mounted *corev1.ConfigMap // of its own goroutine
	shown   bool              // the condition Ready, as it was written last
	crashes atomic.Pointer[crashes]
	told    int32 // of them, as was written last
	failure error // how it ended that is not started again; for after done
}

// crashes are the ends of a worker with an error.
type crashes struct {
	n    int32
	at   time.Time // of the last one
	last string
}

func (p *process) crashed() crashes {
	if c := p.crashes.Load(); c != nil {
		return *c
	}
	return crashes{}
}

// crash notes an end with an error.
func (p *process) crash(err error) {
	c := p.crashed()
	p.crashes.Store(&crashes{n: c.n + 1, at: time.Now(), last: err.Error()})
}

// status is what the kubelet says of the container of a worker that has crashed.
func (c *crashes) status(ready bool) []corev1.ContainerStatus {
	if c.n == 0 {
		return nil
	}
	at := metav1.NewTime(c.at)
	return []corev1.ContainerStatus{{
		Name: render.WorkerContainer, RestartCount: c.n, Ready: ready, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", FinishedAt: at, Message: c.last}},
	}}
}

func (p *process) ready() bool {
	w := p.worker.Load()
	return w != nil && w.Snapshot().Phase.Ready()
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// tend does what the kubelet does about one pod: its worker is started, and ends with it; the condition says whether it is ready.
func (n *Node) tend(ctx context.Context, pod *corev1.Pod) error {
	p := n.processes[pod.UID]
	if !pod.DeletionTimestamp.IsZero() {
		if n.Lost != nil && n.Lost(pod) {
			return nil
		}
		if p == nil {
			return n.remove(ctx, pod)
		}
		p.stop()
		if !p.ended() {
			return nil
		}
		return n.remove(ctx, pod)
	}
	if n.Sick != nil && n.Sick(pod) {
		return nil
	}
	if p == nil {
		p = n.start(ctx, pod)
		n.processes[pod.UID] = p
	}
	if once(pod) && p.ended() {
		return n.ends(ctx, pod, p)
	}
	ready, crashed := p.ready(), p.crashed()
	if ready == p.shown && crashed.n == p.told {
		return nil
	}
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: status}}
	pod.Status.ContainerStatuses = crashed.status(ready)
	err := n.Client.Status().Update(ctx, pod)
	if err == nil {
		p.shown, p.told = ready, crashed.n
	}
	return err
}

// start lets the worker of a pod begin, and again each time it has ended before it is told to.
func (n *Node) start(ctx context.Context, pod *corev1.Pod) *process {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &process{stop: stop, done: make(chan struct{})}
	log := n.Logger.With("pod", pod.Name)
	go func() {
		defer close(p.done)
		for ctx.Err() == nil {
			err := n.work(ctx, pod, p, log)
			if err != nil {
				log.Error("the worker ends", "cause", err)
			}
			if once(pod) {
				p.failure = err
				return
			}
			select {
			case <-time.After(restartPause):
			case <-ctx.Done():
			}
		}
	}()
	return p
}

// once says that the worker of a pod is not started again.
func once(pod *corev1.Pod) bool { return pod.Spec.RestartPolicy == corev1.RestartPolicyNever }

// work runs a worker of a pod as its container would.
func (n *Node) work(ctx context.Context, pod *corev1.Pod, p *process, log *slog.Logger) error {
	if p.mounted == nil {
		if err := n.mount(ctx, pod, p); err != nil {
			return err
		}
	}
	plan, err := render.ReadPlan(p.mounted)
	if err != nil {
		return err
	}
	c, err := program.Configure(args(pod), plan, io.Discard, log)
	if err != nil {
		return err
	}
	backend := memory.New()
	c.Worker.Backend, c.Worker.Kafka.Dial = backend, n.Dial
	if c.Savepoints != "" {
		c.Worker.Savepoints.Blobs, c.Worker.Savepoints.Files = n.Store(c.Savepoints), parquet.Files{}
	}
	w, err := worker.New(c.Worker)
	if err != nil {
		return err
	}
	p.worker.Store(w)
	defer p.worker.Store(nil)
	err = w.Run(ctx)
	if err != nil && ctx.Err() == nil {
		p.crash(err)
	}
	if e := backend.Close(); err == nil {
		err = e
	}
	return err
}

// mount brings the pod's ConfigMap to the node, where it stays as long as the pod.
func (n *Node) mount(ctx context.Context, pod *corev1.Pod, p *process) error {
	m := &corev1.ConfigMap{}
	for _, v := range pod.Spec.Volumes {
		if v.ConfigMap == nil {
			continue
		}
		if err := n.Client.Get(ctx, types.NamespacedName{Namespace: pod.Namespace, Name: v.ConfigMap.Name}, m); err != nil {
			return err
		}
	}
	p.mounted = m
	return nil
}

// args is the command line of a pod's worker.
func args(pod *corev1.Pod) []string {
	list := slices.Clone(pod.Spec.Containers[0].Args)
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], "$(POD_NAME)", pod.Name)
	}
	return list
}

// moved says whether a worker is not as its pod shows it.
func (n *Node) moved() bool {
	for _, p := range n.processes {
		if p.ended() || p.ready() != p.shown || p.crashed().n != p.told {
			return true
		}
	}
	return false
}

// forget drops, and ends, the workers whose pods are not there any more.
func (n *Node) forget(pods []corev1.Pod) {
	there := map[types.UID]bool{}
	for i := range pods {
		there[pods[i].UID] = true
	}
	for uid, p := range n.processes {
		if !there[uid] && p.ended() {
			delete(n.processes, uid)
		} else if !there[uid] {
			p.stop()
		}
	}
}

// endAll ends all workers and waits for them.
func (n *Node) endAll() {
	for _, p := range n.processes {
		p.stop()
	}
	for _, p := range n.processes {
		<-p.done
	}
}
