//go:build envtest && integration

package envtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/test/kafka"
)

// node runs what the pods of a namespace ask for as processes, with real workers on a real broker.
type node struct {
	*world
	address, folder string
	processes       map[string]*exec.Cmd // by pod
	ends            sync.WaitGroup
}

// newNode makes a namespace whose workers work.
func newNode(t *testing.T) *node {
	t.Helper()
	broker := kafka.Start(t)
	n := &node{address: broker.Address(), folder: t.TempDir(), processes: map[string]*exec.Cmd{}}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", n.folder,
		"github.com/millrace/millrace/cmd/worker", "github.com/millrace/millrace/cmd/worker-full", "github.com/millrace/millrace/cmd/blobs")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(n.address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}
	if err := kube.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	n.world = &world{t: t, namespace: ns.Name, kafka: kadm.NewClient(cl), sick: map[string]bool{}, held: true}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { n.play(ctx) })
	done.Go(func() { n.work(ctx) })
	t.Cleanup(func() {
		cancel()
		done.Wait()
		for _, process := range n.processes {
			_ = process.Process.Signal(syscall.SIGTERM)
		}
		n.ends.Wait()
	})
	t.Cleanup(n.leave)
	return n
}

// work keeps a process for each pod, and does what Jobs ask for.
func (n *node) work(ctx context.Context) {
	for ctx.Err() == nil {
		err := errors.Join(n.pods(ctx), n.jobs(ctx))
		if err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			n.t.Errorf("node: %v", err)
			return
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func (n *node) pods(ctx context.Context) error {
	var pods corev1.PodList
	if err := kube.List(ctx, &pods, client.InNamespace(n.namespace), client.HasLabels{render.LabelEpoch}); err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range pods.Items {
		pod := &pods.Items[i]
		there[pod.Name] = pod.DeletionTimestamp == nil
		if n.processes[pod.Name] != nil || pod.DeletionTimestamp != nil {
			continue
		}
		process, err := n.start(ctx, pod)
		if err != nil {
			return err
		}
		n.processes[pod.Name] = process
	}
	for name, process := range n.processes {
		if !there[name] {
			_ = process.Process.Signal(syscall.SIGTERM)
			delete(n.processes, name)
		}
	}
	return nil
}

// start runs a pod's worker with its own arguments, but for the paths of its volumes.
func (n *node) start(ctx context.Context, pod *corev1.Pod) (*exec.Cmd, error) {
	m := &corev1.ConfigMap{}
	if err := kube.Get(ctx, n.key("job-"+pod.Labels[render.LabelEpoch]), m); err != nil {
		return nil, err
	}
	plan, state := filepath.Join(n.folder, pod.Name+".json"), filepath.Join(n.folder, pod.Name)
	if err := os.WriteFile(plan, []byte(m.Data[render.PlanKey]), 0o600); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(state); err != nil { // a pod has a disk of its own
		return nil, err
	}
	var args []string
	for _, arg := range pod.Spec.Containers[0].Args {
		switch flag, _, _ := strings.Cut(arg, "="); flag {
		case "--plan":
			arg = "--plan=" + plan
		case "--state-dir":
			arg = "--state-dir=" + state
		case "--pod-name":
			arg = "--pod-name=" + pod.Name
		case "--http":
			arg = "--http="
		}
		args = append(args, arg)
	}
	log, err := os.Create(filepath.Join(n.folder, pod.Name+".log"))
	if err != nil {
		return nil, err
	}
	process := exec.Command(filepath.Join(n.folder, "worker"), args...)
	process.Stderr = log
	if err := process.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	n.ends.Go(func() {
		_ = process.Wait()
		_ = log.Close()
	})
	return process, nil
}

// jobs does what Jobs ask for, and writes how they end.
func (n *node) jobs(ctx context.Context) error {
	var list batchv1.JobList
	if err := kube.List(ctx, &list, client.InNamespace(n.namespace)); err != nil {
		return err
	}
	for i := range list.Items {
		work := &list.Items[i]
		if len(work.Status.Conditions) > 0 {
			continue
		}
		if out, err := exec.CommandContext(ctx, filepath.Join(n.folder, "worker"), work.Spec.Template.Spec.Containers[0].Args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		now := metav1.Now()
		work.Status.StartTime, work.Status.CompletionTime, work.Status.Succeeded = &now, &now, 1
		work.Status.Conditions = []batchv1.JobCondition{
			{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue, LastTransitionTime: now},
			{Type: batchv1.JobComplete, Status: corev1.ConditionTrue, LastTransitionTime: now},
		}
		if err := kube.Status().Update(ctx, work); err != nil {
			return err
		}
	}
	return nil
}

// words are the last ones of all workers, for a test that has failed.
func (n *node) words() string {
	var b strings.Builder
	logs, _ := filepath.Glob(filepath.Join(n.folder, "*.log"))
	for _, name := range logs {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(f, 20_000))
		_ = f.Close()
		fmt.Fprintf(&b, "%s:\n%s\n", filepath.Base(name), text)
	}
	return b.String()
}
