//go:build envtest

package killed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/snapshot"
	"github.com/millrace/millrace/runtime/snapshot/snapshottest"
	"github.com/millrace/millrace/test/fakenode"
)

// An operator of another version makes other pods: at least they say who made them. Those of a job that nobody touches stay as they are, whatever
// becomes of what the operator keeps; and an epoch that nobody has asked for a change of runs them too.
func TestAnotherOperatorRestartsNoWorkerUntilItIsAsked(t *testing.T) {
	w, ctx := newWorld(t)
	stop, fed := make(chan struct{}), sync.WaitGroup{}
	fed.Go(func() { w.feed(ctx, stop) })

	end := w.operatorOf(ctx, "1")
	w.begin(ctx)
	w.runs(ctx, 1)
	before, pods := w.set(ctx).Spec.Template, w.pods(ctx)
	end()
	drift := []byte(`{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":7}}}}`)
	if err := kube.Patch(ctx, w.set(ctx), client.RawPatch(types.MergePatchType, drift)); err != nil {
		t.Fatal(err)
	}
	w.losePods(ctx)

	end = w.operatorOf(ctx, "2")
	w.await(ctx, "what was changed by hand is put back", func() error {
		if now := w.set(ctx).Spec.Template; !reflect.DeepEqual(now, before) {
			return fmt.Errorf("the template is %+v", now)
		}
		return w.planKeepsPods(ctx, "1")
	})
	time.Sleep(time.Second) // in which it would replace pods
	if now := w.pods(ctx); !maps.Equal(now, pods) {
		t.Errorf("the pods were %v, and are %v", pods, now)
	}

	w.losesPodAndWorkload(ctx, before, pods)
	w.grow(ctx)
	w.runs(ctx, 2)
	if err := w.made(ctx, "1"); err != nil {
		t.Errorf("an epoch that takes up partitions: %v", err)
	}

	job, err := w.job(ctx)
	if err == nil {
		err = kube.Patch(ctx, job, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"commitInterval":"300ms"}}`)))
	}
	if err != nil {
		t.Fatal(err)
	}
	w.await(ctx, "the pods of the operator at hand, now that the user has changed something", func() error { return w.made(ctx, "2") })
	w.runs(ctx, 2)
	close(stop)
	fed.Wait()
	w.closeAdded(ctx)
	w.judge(ctx)
	w.leave(ctx)
	end()
	if t.Failed() {
		t.Log(w.log.String())
	}
}

// newWorld is a namespace with a node and a broker.
func newWorld(t *testing.T) (*world, context.Context) {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, "in", "copies", "counts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "upgraded-"}}
	if err := kube.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	blobs := snapshottest.New()
	w := &world{t: t, namespace: ns.Name, transport: &transport{}, brokers: broker.ListenAddrs()}
	node := &fakenode.Node{Client: kube, Namespace: ns.Name, Logger: slog.New(slog.NewTextHandler(&w.log, nil)), Store: func(string) snapshot.Blobs { return blobs }}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	running.Go(func() {
		if err := node.Run(ctx); err != nil {
			t.Error("node: ", err)
		}
	})
	return w, ctx
}

// losesPodAndWorkload deletes what the operator has made, and waits until it is there again as it was.
func (w *world) losesPodAndWorkload(ctx context.Context, before corev1.PodTemplateSpec, pods map[string]types.UID) {
	w.t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "job-1-0"}}
	if err := kube.Delete(ctx, pod); err != nil {
		w.t.Fatal(err)
	}
	w.await(ctx, "a pod that was deleted comes back as it was", func() error {
		if now := w.pods(ctx); now["job-1-0"] == pods["job-1-0"] || len(now) != 2 {
			return fmt.Errorf("pods %v", now)
		}
		return w.made(ctx, "1")
	})
	w.runs(ctx, 1)
	set := w.set(ctx)
	if err := kube.Delete(ctx, set); err != nil {
		w.t.Fatal(err)
	}
	w.await(ctx, "a workload that was deleted comes back as it was", func() error {
		now := &appsv1.StatefulSet{}
		if err := kube.Get(ctx, client.ObjectKeyFromObject(set), now); err != nil || now.UID == set.UID {
			return errors.Join(errors.New("it is not there"), client.IgnoreNotFound(err))
		}
		if !reflect.DeepEqual(now.Spec.Template, before) {
			return fmt.Errorf("the template is %+v", now.Spec.Template)
		}
		return nil
	})
	w.runs(ctx, 1)
}

// operatorOf keeps an operator of a version running until it is ended.
func (w *world) operatorOf(ctx context.Context, version string) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { w.operate(ctx, version) })
	return func() { cancel(); done.Wait() }
}

// set reads the StatefulSet of epoch 1.
func (w *world) set(ctx context.Context) *appsv1.StatefulSet {
	w.t.Helper()
	set := &appsv1.StatefulSet{}
	if err := kube.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "job-1"}, set); err != nil {
		w.t.Fatal(err)
	}
	return set
}

// pods returns the uids of the job's pods.
func (w *world) pods(ctx context.Context) map[string]types.UID {
	w.t.Helper()
	var list corev1.PodList
	if err := kube.List(ctx, &list, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	uids := map[string]types.UID{}
	for i := range list.Items {
		uids[list.Items[i].Name] = list.Items[i].UID
	}
	return uids
}

// made says whether all pods are those of an operator's version, and the status says so.
func (w *world) made(ctx context.Context, version string) error {
	var list corev1.PodList
	if err := kube.List(ctx, &list, client.InNamespace(w.namespace)); err != nil {
		return err
	}
	for i := range list.Items {
		p := &list.Items[i]
		if by, image := p.Annotations[render.AnnotationRenderedBy], p.Spec.Containers[0].Image; by != version || image != "millrace/worker:v"+version {
			return fmt.Errorf("%s is of version %s, with %s", p.Name, by, image)
		}
	}
	job, err := w.job(ctx)
	if err == nil && job.Status.Runtime.RenderedBy != version {
		err = fmt.Errorf("the status says version %s", job.Status.Runtime.RenderedBy)
	}
	return err
}

// losePods takes the pods off the plan's ConfigMap.
func (w *world) losePods(ctx context.Context) {
	w.t.Helper()
	plan := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "job-1"}}
	if err := kube.Patch(ctx, plan, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"annotations":{%q:null}}}`, render.AnnotationPods))); err != nil {
		w.t.Fatal(err)
	}
}

// planKeepsPods says whether the plan's ConfigMap has the pods of a version again.
func (w *world) planKeepsPods(ctx context.Context, version string) error {
	plan := &corev1.ConfigMap{}
	if err := kube.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "job-1"}, plan); err != nil {
		return err
	}
	if by := render.RenderedBy(plan.Annotations[render.AnnotationPods]); by != version {
		return fmt.Errorf("the plan keeps pods of version %q", by)
	}
	return nil
}

// closeAdded writes to the partition that was added the row that closes the window there.
func (w *world) closeAdded(ctx context.Context) {
	w.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	last := &kgo.Record{Topic: "in", Partition: partitions, Value: fmt.Appendf(nil, `{"k":"last","id":%d,"ts":%d}`, w.fed, time.Now().Add(farAhead).UnixMilli())}
	w.fed++
	if err := cl.ProduceSync(ctx, last).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// grow adds a partition to the input.
func (w *world) grow(ctx context.Context) {
	w.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...))
	if err != nil {
		w.t.Fatal(err)
	}
	defer cl.Close()
	if _, err := kadm.NewClient(cl).UpdatePartitions(ctx, partitions+1, "in"); err != nil {
		w.t.Fatal(err)
	}
}
