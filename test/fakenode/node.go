package fakenode

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/runtime/snapshot"
)

// DefaultBeat is how often a node looks at its workers, and at the API server where nobody tells it of changes.
const DefaultBeat = 50 * time.Millisecond

// Node plays the controllers and the node of one namespace. Fill it, and run it once.
type Node struct {
	// Client reads and writes with all rights, past any cache.
	Client client.Client
	// Namespace is where it looks.
	Namespace string
	// Changed, where it is set, is received from when something in the namespace may have changed; nil looks at every beat.
	Changed <-chan struct{}
	// Beat is the time between two looks; 0 means DefaultBeat.
	Beat time.Duration
	// Dial reaches the brokers; nil is TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Store returns the store of a URL.
	Store func(url string) snapshot.Blobs
	// Sick says of a pod that its container never starts, as when there is no such image; nil is none.
	Sick func(pod *corev1.Pod) bool
	// Lost says of a pod that its node does not answer any more: nobody ends its worker, whatever becomes of the pod; nil is none.
	Lost func(pod *corev1.Pod) bool
	// Logger is for the workers.
	Logger *slog.Logger

	// of the goroutine that runs it
	processes map[types.UID]*process
}

// Run plays until the context ends; then it ends all workers, as a node does that is shut down. Conflicts with the operator's writes pass, any other
// error of the API server ends it.
func (n *Node) Run(ctx context.Context) error {
	n.processes = map[types.UID]*process{}
	defer n.endAll()
	beat := time.NewTicker(max(n.Beat, DefaultBeat))
	defer beat.Stop()
	for again := true; ; {
		if again || n.Changed == nil || n.moved() {
			err := n.turn(ctx)
			if ctx.Err() != nil {
				return nil
			}
			again = err != nil
			if err != nil && !passes(err) {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.Changed:
			again = true
		case <-beat.C:
		}
	}
}

// passes says whether an error is one that looking again mends.
func passes(err error) bool {
	return apierrors.IsConflict(err) || apierrors.IsNotFound(err) || apierrors.IsAlreadyExists(err)
}

// turn does what each of the parts would do now.
func (n *Node) turn(ctx context.Context) error {
	var sets appsv1.StatefulSetList
	var pods corev1.PodList
	var works batchv1.JobList
	if err := errors.Join(n.Client.List(ctx, &works, client.InNamespace(n.Namespace)), n.Client.List(ctx, &sets, client.InNamespace(n.Namespace)), n.Client.List(ctx, &pods, client.InNamespace(n.Namespace))); err != nil {
		return err
	}
	var errs []error
	for i := range sets.Items {
		errs = append(errs, n.control(ctx, &sets.Items[i], pods.Items))
	}
	for i := range works.Items {
		errs = append(errs, n.carryOut(ctx, &works.Items[i], pods.Items))
	}
	for i := range pods.Items {
		errs = append(errs, n.tend(ctx, &pods.Items[i]))
	}
	n.forget(pods.Items)
	errs = append(errs, n.collect(ctx, sets.Items, works.Items, pods.Items))
	return worst(errs)
}

// worst is the first error that does not pass, or else the first.
func worst(errs []error) (first error) {
	for _, err := range errs {
		if err == nil {
			continue
		}
		if !passes(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}
