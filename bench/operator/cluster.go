package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
)

const (
	// jobsOfNamespace is how many jobs a namespace has.
	jobsOfNamespace = 50
	// atOnce is how many requests of ours are on their way together.
	atOnce = 16
)

// cluster is an API server, a broker, and somebody who plays controllers and kubelets.
type cluster struct {
	server     *envtest.Environment
	kube       client.Client
	broker     *kfake.Cluster
	folder     string
	namespaces []string
	stop       context.CancelFunc
	played     chan error
}

func startCluster(ctx context.Context) (k *cluster, err error) {
	k = &cluster{server: &envtest.Environment{}, played: make(chan error, 1), stop: func() {}}
	close(k.played)
	if k.folder, err = os.MkdirTemp("", "millrace-bench-operator-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.close())
		}
	}()
	config, err := k.server.Start()
	if err != nil {
		return nil, fmt.Errorf("start the API server: %w", err)
	}
	file := filepath.Join(k.folder, "kubeconfig")
	if err := os.WriteFile(file, k.server.KubeConfig, 0o600); err != nil {
		return nil, err
	}
	kubectl := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
	for _, args := range [][]string{{"apply", "--server-side", "-k", "config/crd"}, {"wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"}} {
		command := exec.CommandContext(ctx, kubectl, append([]string{"--kubeconfig", file}, args...)...) //nolint:gosec // of the tools' folder
		if text, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("kubectl %v: %w: %s", args, err, text)
		}
	}
	if k.broker, err = kfake.NewCluster(kfake.NumBrokers(1)); err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	mine := rest.CopyConfig(config)
	mine.QPS = -1 // the operator's requests are what is looked at
	if k.kube, err = client.New(mine, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	playing, stop := context.WithCancel(context.WithoutCancel(ctx))
	k.stop, k.played = stop, make(chan error, 1)
	go func() { k.played <- k.play(playing) }()
	return k, nil
}

func (k *cluster) close() error {
	k.stop()
	err := <-k.played
	if k.broker != nil {
		k.broker.Close()
	}
	return errors.Join(err, k.server.Stop(), os.RemoveAll(k.folder))
}

// each does something for 0 to n-1, several at once.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}

// crowd makes pods of others.
func (k *cluster) crowd(ctx context.Context, pods int) error {
	const namespace = "crowd"
	if err := k.kube.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return err
	}
	return each(ctx, pods, func(ctx context.Context, i int) error {
		return k.kube.Create(ctx, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("other-%d", i), Labels: map[string]string{"app": "other"}},
			Spec:       corev1.PodSpec{NodeName: "node", Containers: []corev1.Container{{Name: "other", Image: "other:v1"}}},
		})
	})
}

// apply makes namespaces with a connection, an input and an output, and the jobs in them.
func (k *cluster) apply(ctx context.Context, jobs int) error {
	for n := 0; n*jobsOfNamespace < jobs; n++ {
		name := fmt.Sprintf("team-%d", n)
		k.namespaces = append(k.namespaces, name)
		if err := k.kube.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return err
		}
		for _, manifest := range []string{
			fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: default}, spec: {bootstrapServers: [%q]}}`, k.broker.ListenAddrs()[0]),
			topic("input", name), topic("output", name),
		} {
			if err := k.create(ctx, name, manifest); err != nil {
				return err
			}
		}
	}
	return each(ctx, jobs, func(ctx context.Context, i int) error {
		return k.create(ctx, k.namespaces[i/jobsOfNamespace], fmt.Sprintf(
			`{apiVersion: millrace.dev/v1alpha1, kind: StreamJob, metadata: {name: job-%d}, spec: {maxParallelism: 2, sql: "INSERT INTO output SELECT id, amount FROM input WHERE amount > 10"}}`, i))
	})
}

func topic(name, namespace string) string {
	return fmt.Sprintf(`{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: %s}, spec: {topicName: %s-%s, partitions: 2, schema: {columns: [{name: id, type: BIGINT}, {name: amount, type: BIGINT}]}}}`,
		name, name, namespace)
}

func (k *cluster) create(ctx context.Context, namespace, manifest string) error {
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &o.Object); err != nil {
		return err
	}
	o.SetNamespace(namespace)
	return k.kube.Create(ctx, o)
}

// scale gives all jobs another parallelism.
func (k *cluster) scale(ctx context.Context, workers int) error {
	var jobs v1alpha1.StreamJobList
	if err := k.kube.List(ctx, &jobs); err != nil {
		return err
	}
	patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"parallelism":%d}}`, workers))
	return each(ctx, len(jobs.Items), func(ctx context.Context, i int) error { return k.kube.Patch(ctx, &jobs.Items[i], patch) })
}

// remove deletes all jobs and waits until there is none.
func (k *cluster) remove(ctx context.Context) error {
	for _, n := range k.namespaces {
		if err := k.kube.DeleteAllOf(ctx, &v1alpha1.StreamJob{}, client.InNamespace(n)); err != nil {
			return err
		}
	}
	for {
		var jobs v1alpha1.StreamJobList
		if err := k.kube.List(ctx, &jobs); err != nil || len(jobs.Items) == 0 {
			return err
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("%d jobs are left: %w", len(jobs.Items), err)
		}
	}
}
