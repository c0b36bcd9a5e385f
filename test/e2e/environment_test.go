//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
)

// environment is where the test runs.
type environment struct {
	// kubectl is how to call it.
	kubectl []string
	// millrace is the command line.
	millrace string
	// cluster looks at objects; what a person does is done by kubectl.
	cluster client.Client
	// broker is the Kafka client for looking, admin its administrator; brokers and inCluster are its address.
	broker             *kgo.Client
	admin              *kadm.Client
	brokers, inCluster string
	// image has worker and checker in it; version is the tag of the jobs' worker image.
	image, version string
	// otherVersion is the tag of the same image, for a job whose image changes.
	otherVersion string
	// crash is a command that kills the broker and brings it back; empty where that can't be done.
	crash string
	// addNode and killNode are commands that bring a second node, node2, and take its power away; empty where that can't be done.
	addNode, killNode string
	// release is the release before this tree, where there is one to come from.
	release string
	// logs is the folder for what a failed scenario leaves behind.
	logs string
}

func newEnvironment(ctx context.Context, getenv func(string) string) (*environment, error) {
	or := func(name, otherwise string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return otherwise
	}
	e := &environment{
		kubectl: strings.Fields(or("KUBECTL", "kubectl")), millrace: or("E2E_MILLRACE", "../../bin/millrace"),
		brokers: getenv("E2E_KAFKA"), inCluster: or("E2E_KAFKA_IN_CLUSTER", "kafka.kafka.svc:9092"),
		image: or("E2E_IMAGE", "millrace/worker:e2e"), version: or("E2E_RUNTIME_VERSION", "e2e"), otherVersion: "e2e-other",
		crash: getenv("E2E_KAFKA_CRASH"), addNode: getenv("E2E_NODE_ADD"), killNode: getenv("E2E_NODE_KILL"), release: getenv("E2E_RELEASE"), logs: getenv("E2E_LOGS"),
	}
	if getenv("KUBECONFIG") == "" || e.brokers == "" {
		return nil, errors.New("KUBECONFIG and E2E_KAFKA must be set: run test/e2e/run.sh, which brings both")
	}
	if e.logs == "" {
		folder, err := os.MkdirTemp("", "millrace-e2e-logs-")
		if err != nil {
			return nil, err
		}
		e.logs = folder
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, err
	}
	if e.cluster, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	if e.broker, err = kgo.NewClient(kgo.SeedBrokers(e.brokers)); err != nil {
		return nil, err
	}
	e.admin = kadm.NewClient(e.broker)
	if err := e.broker.Ping(ctx); err != nil {
		return nil, fmt.Errorf("reach the broker at %s: %w", e.brokers, err)
	}
	return e, nil
}

func (e *environment) close() { e.broker.Close() }
