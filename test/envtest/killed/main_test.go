//go:build envtest

package killed

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/test/locked"
)

var (
	kube          client.Client
	administrator *rest.Config
	operatorLog   locked.Buffer
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewTextHandler(&operatorLog, nil)))
	server := &envtest.Environment{}
	var err error
	if administrator, err = server.Start(); err != nil {
		return 1, fmt.Errorf("start the API server (make envtest builds it and sets KUBEBUILDER_ASSETS): %w", err)
	}
	defer func() { _ = server.Stop() }()
	scheme := runtime.NewScheme()
	_ = clientgoscheme.AddToScheme(scheme)
	_ = v1alpha1.AddToScheme(scheme)
	if kube, err = client.New(administrator, client.Options{Scheme: scheme}); err != nil {
		return 1, err
	}
	folder, err := os.MkdirTemp("", "killed")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	config := filepath.Join(folder, "kubeconfig")
	if err := os.WriteFile(config, server.KubeConfig, 0o600); err != nil {
		return 1, err
	}
	for _, args := range [][]string{
		{"apply", "--server-side", "-k", "../../../config/default"}, {"wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"},
	} {
		program := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
		if text, err := exec.CommandContext(context.Background(), program, append([]string{"--kubeconfig", config}, args...)...).CombinedOutput(); err != nil {
			return 1, fmt.Errorf("kubectl %v: %w: %s", args, err, text)
		}
	}
	return m.Run(), nil
}
