// Command provisioner gives the test cluster's claims their volumes: a folder under -root each, as a "local" volume, so that fsGroup is honoured,
// which any node may mount (all nodes of the test cluster share one disk), so that it behaves like a network volume. It grows volumes when a claim
// asks for more and removes the folder with the volume. The controller manager's own host-path provisioner does neither.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func main() {
	root := flag.String("root", "", "folder of the volumes")
	flag.Parse()
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, nil)))
	if err := run(ctrl.SetupSignalHandler(), *root); err != nil {
		fmt.Fprintln(os.Stderr, "provisioner:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{Metrics: server.Options{BindAddress: "0"}})
	if err != nil {
		return err
	}
	p := provisioner{client: manager.GetClient(), root: root}
	if err := ctrl.NewControllerManagedBy(manager).For(&corev1.PersistentVolumeClaim{}).Complete(reconcile.Func(p.reconcileClaim)); err != nil {
		return err
	}
	if err := ctrl.NewControllerManagedBy(manager).For(&corev1.PersistentVolume{}).Complete(reconcile.Func(p.reconcileVolume)); err != nil {
		return err
	}
	return manager.Start(ctx)
}
