package wire

import (
	"context"
	"math/rand/v2"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/access"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/kafkaconnection"
	"github.com/millrace/millrace/controllers/streamjob"
	"github.com/millrace/millrace/controllers/streamsavepoint"
	"github.com/millrace/millrace/controllers/streamtopic"
)

// Run runs the operator until the context ends.
func Run(ctx context.Context, cluster *rest.Config, o Options) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	if o.ClusterID == "" {
		direct, err := client.New(cluster, client.Options{Scheme: scheme})
		if err != nil {
			return err
		}
		if o.ClusterID, err = clusterID(ctx, direct, o.Namespace); err != nil {
			return err
		}
	}
	server, kept := o.Webhook.server(o.Namespace)
	manager, err := newManager(cluster, scheme, server, o)
	if err != nil {
		return err
	}
	pool := kafkaadmin.NewPool(time.Now)
	defer pool.Close()
	if err := register(ctx, manager, pool, o); err != nil {
		return err
	}
	if err := registerWebhook(manager, kept, o); err != nil {
		return err
	}
	return manager.Start(ctx)
}

func newManager(cluster *rest.Config, scheme *runtime.Scheme, server webhook.Server, o Options) (ctrl.Manager, error) {
	kept, err := cached(o.Namespaces)
	if err != nil {
		return nil, err
	}
	manager, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         kept,
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: uncached()}},
		Metrics:                       metricsserver.Options{BindAddress: o.MetricsAddress},
		HealthProbeBindAddress:        o.HealthAddress,
		WebhookServer:                 server,
		LeaderElection:                o.LeaderElection,
		LeaderElectionID:              "operator.millrace.dev",
		LeaderElectionNamespace:       o.Namespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 &o.LeaseDuration,
		RenewDeadline:                 &o.RenewDeadline,
		RetryPeriod:                   &o.RetryPeriod,
		Controller:                    config.Controller{SkipNameValidation: &o.AllowSameNames},
	})
	if err != nil {
		return nil, err
	}
	if err := manager.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, err
	}
	return manager, manager.AddReadyzCheck("ping", healthz.Ping)
}

func register(ctx context.Context, m ctrl.Manager, pool *kafkaadmin.Pool, o Options) error {
	opener := access.Opener{Reader: m.GetAPIReader(), Pool: pool}
	connections := &kafkaconnection.Reconciler{
		Client: m.GetClient(), Events: m.GetEventRecorder("kafkaconnection"), Concurrency: o.Concurrency, Now: time.Now, Jitter: jitter,
		Connect: func(ctx context.Context, c *v1alpha1.KafkaConnection) (kafkaconnection.Cluster, error) {
			return opener.Open(ctx, c)
		},
	}
	if err := connections.SetUp(m); err != nil {
		return err
	}
	topics := &streamtopic.Reconciler{
		Client: m.GetClient(), Reader: m.GetAPIReader(), Events: m.GetEventRecorder("streamtopic"), ClusterID: o.ClusterID, Concurrency: o.Concurrency, Now: time.Now, Jitter: jitter,
		Connect: func(ctx context.Context, c *v1alpha1.KafkaConnection) (streamtopic.Topics, error) {
			return opener.Open(ctx, c)
		},
	}
	if err := topics.SetUp(m); err != nil {
		return err
	}
	life, err := newChronicle()
	if err != nil {
		return err
	}
	savepoints := &streamsavepoint.Reconciler{
		Client: m.GetClient(), Reader: m.GetAPIReader(), Events: m.GetEventRecorder("streamsavepoint"), Chronicle: life, Concurrency: o.Concurrency, Now: time.Now, Jitter: jitter,
		Connect: func(ctx context.Context, c *v1alpha1.KafkaConnection) (streamsavepoint.Kafka, error) {
			return opener.Open(ctx, c)
		},
		ClusterID: o.ClusterID, WorkerImage: o.WorkerImage,
	}
	if err := savepoints.SetUp(ctx, m); err != nil {
		return err
	}
	jobs := &streamjob.Reconciler{
		Client: m.GetClient(), Reader: m.GetAPIReader(), Events: m.GetEventRecorder("streamjob"), Chronicle: life, Now: time.Now, Jitter: jitter,
		Connect: func(ctx context.Context, c *v1alpha1.KafkaConnection) (streamjob.Kafka, error) {
			return opener.Open(ctx, c)
		},
		Workers: o.workers(), Compile: o.Compile, ClusterID: o.ClusterID, WorkerImage: o.WorkerImage, PullSecrets: o.WorkerPullSecrets, Version: o.Version,
		Concurrency: o.Concurrency, Plants: o.plants,
	}
	return jobs.SetUp(ctx, m)
}

// jitter spreads a duration by a tenth either way, so that objects made together are not looked at together for ever.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64())) //nolint:gosec // spreading, no secret
}
