package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/millrace/millrace/cmd/operator/wire"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/release"
)

func main() {
	o := wire.Options{Compile: compile.Compile, Version: release.Version}
	flag.StringVar(&o.Namespace, "namespace", "millrace-system", "the operator's own `namespace`: its lease, and the ConfigMap with the cluster's id")
	flag.Func("namespaces", "`names` of the namespaces whose objects are reconciled, separated by commas; without, all are", list(&o.Namespaces))
	flag.StringVar(&o.WorkerImage, "worker-image", "", "the `image` of workers; required")
	flag.Func("worker-pull-secrets", "`names` of the Secrets of each job's namespace that --worker-image is pulled with, separated by commas", list(&o.WorkerPullSecrets))
	flag.StringVar(&o.ClusterID, "cluster-id", "", "begins every `name` on Kafka; empty generates one and keeps it in a ConfigMap")
	flag.StringVar(&o.MetricsAddress, "metrics-bind-address", ":8080", "`address` of /metrics; 0 serves none")
	flag.StringVar(&o.HealthAddress, "health-probe-bind-address", ":8081", "`address` of /healthz and /readyz; 0 serves none")
	flag.IntVar(&o.Concurrency, "concurrency", 8, "`number` of objects of each kind to reconcile in parallel")
	flag.BoolVar(&o.LeaderElection, "leader-elect", true, "wait for the lease before reconciling")
	flag.DurationVar(&o.LeaseDuration, "leader-elect-lease-duration", 15*time.Second, "how long a leader that is silent stays one")
	flag.DurationVar(&o.RenewDeadline, "leader-elect-renew-deadline", 10*time.Second, "how long a leader tries to renew before it gives up")
	flag.DurationVar(&o.RetryPeriod, "leader-elect-retry-period", 2*time.Second, "how long to wait between two tries")
	webhookFlags(&o.Webhook)
	o.PlantFlags(flag.CommandLine)
	flag.Parse()
	logger := logr.FromSlogHandler(slog.NewJSONHandler(os.Stderr, nil))
	ctrl.SetLogger(logger)
	logger.Info("the operator begins", "version", o.Version)
	if err := run(o); err != nil {
		logger.Error(err, "the operator ends")
		os.Exit(1)
	}
}

func run(o wire.Options) error {
	if err := o.Check(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	return wire.Run(ctrl.SetupSignalHandler(), config, o)
}

// list takes values that are separated by commas.
func list(to *[]string) func(string) error {
	return func(s string) error {
		*to = strings.Split(s, ",")
		return nil
	}
}

func webhookFlags(w *wire.Webhook) {
	flag.BoolVar(&w.Enabled, "webhook", false, "serve the admission webhook")
	flag.IntVar(&w.Port, "webhook-port", 9443, "`port` of the admission webhook")
	flag.StringVar(&w.CertificateFolder, "webhook-cert-dir", "", "`folder` with tls.crt and tls.key of the webhook, renewed by somebody else; empty keeps a certificate in a Secret")
	flag.StringVar(&w.Secret, "webhook-secret", "", "`name` of the Secret of the operator's namespace that keeps the webhook's certificate")
	flag.StringVar(&w.Configuration, "webhook-configuration", "", "`name` of the ValidatingWebhookConfiguration that is told which certificates to trust")
	flag.Func("webhook-names", "`names` by which the API server calls the webhook, separated by commas", list(&w.Names))
}
