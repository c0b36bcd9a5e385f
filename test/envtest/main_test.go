//go:build envtest

package envtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/operator/wire"
	"github.com/millrace/millrace/test/gitops"
	"github.com/millrace/millrace/test/locked"
)

// kube is the administrator's client of the one API server of all tests.
var kube client.Client

// administrator reaches the API server with all rights.
var administrator *rest.Config

// webhookAt is where the operator serves its webhook.
var webhookAt string

// kubectl runs kubectl as the administrator.
var kubectl func(ctx context.Context, args ...string) (string, error)

// operatorLog is what the operator has logged.
var operatorLog locked.Buffer

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	out := io.Writer(&operatorLog)
	if os.Getenv("ENVTEST_LOG") != "" {
		out = io.MultiWriter(out, os.Stderr)
	}
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewTextHandler(out, nil)))
	server := &envtest.Environment{}
	var err error
	administrator, err = server.Start()
	if err != nil {
		return 1, fmt.Errorf("start the API server (make envtest builds it and sets KUBEBUILDER_ASSETS): %w", err)
	}
	defer func() { _ = server.Stop() }()
	scheme := runtime.NewScheme()
	_ = clientgoscheme.AddToScheme(scheme)
	_ = v1alpha1.AddToScheme(scheme)
	if kube, err = client.New(administrator, client.Options{Scheme: scheme}); err != nil {
		return 1, err
	}
	folder, err := os.MkdirTemp("", "envtest")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	config := filepath.Join(folder, "kubeconfig")
	if err := os.WriteFile(config, server.KubeConfig, 0o600); err != nil {
		return 1, err
	}
	kubectl = func(ctx context.Context, args ...string) (string, error) {
		program := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
		text, err := exec.CommandContext(ctx, program, append([]string{"--kubeconfig", config}, args...)...).CombinedOutput()
		return string(text), err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if text, err := kubectl(ctx, "apply", "--server-side", "-k", "../../config/default"); err != nil {
		return 1, fmt.Errorf("apply config/default: %w: %s", err, text)
	}
	if text, err := kubectl(ctx, "wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"); err != nil {
		return 1, fmt.Errorf("wait for the CRDs: %w: %s", err, text)
	}
	rule, err := gitops.Load("../../config/argocd/argocd-cm.yaml")
	if err != nil {
		return 1, err
	}
	seen := &views{rule: rule, seen: map[string]int{}}
	if err := seen.watch(ctx, administrator, "streamjobs", "streamtopics", "kafkaconnections", "streamsavepoints"); err != nil {
		return 1, err
	}
	o, err := options(ctx)
	if err != nil {
		return 1, err
	}
	webhookAt = net.JoinHostPort(o.Webhook.Host, strconv.Itoa(o.Webhook.Port))
	stopped := make(chan error, 1)
	go func() { stopped <- wire.Run(ctx, asOperator(administrator), o) }()
	code := m.Run()
	cancel()
	return code, errors.Join(<-stopped, seen.sum())
}

// asOperator is the operator's own account: what config/rbac does not grant fails here.
func asOperator(admin *rest.Config) *rest.Config {
	c := rest.CopyConfig(admin)
	c.Impersonate = rest.ImpersonationConfig{
		UserName: "system:serviceaccount:millrace-system:millrace-operator",
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:millrace-system", "system:authenticated"},
	}
	c.QPS, c.Burst = 200, 400
	return c
}

// options has the webhook served on this machine; what the API server is told of it is the tests' affair (webhook_test.go).
func options(ctx context.Context) (wire.Options, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return wire.Options{}, err
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil || !ok {
		return wire.Options{}, fmt.Errorf("find a port: %w", err)
	}
	return wire.Options{
		Namespace: "millrace-system", WorkerImage: "millrace/worker:v1", MetricsAddress: "0", HealthAddress: "0", Concurrency: 16,
		LeaderElection: true, LeaseDuration: 5 * time.Second, RenewDeadline: 3 * time.Second, RetryPeriod: 500 * time.Millisecond,
		Compile: compileEither, Workers: playedWorkers{},
		Webhook: wire.Webhook{
			Enabled: true, Host: "127.0.0.1", Port: address.Port,
			Secret: "millrace-webhook-certificate", Configuration: "millrace-webhook", Names: []string{"127.0.0.1"},
		},
	}, nil
}
