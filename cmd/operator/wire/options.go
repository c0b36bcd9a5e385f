package wire

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/millrace/millrace/controllers/streamjob"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// Options is what the operator's flags say.
type Options struct {
	// Namespace is the operator's own.
	Namespace string
	// Namespaces are those whose objects are reconciled, and the only ones in which the operator needs rights besides its own; none means all.
	Namespaces []string
	// Version is the operator's own: its pods say it.
	Version string
	// WorkerImage is the image of workers, and WorkerPullSecrets the names of the Secrets, of each job's namespace, that it is pulled with.
	WorkerImage       string
	WorkerPullSecrets []string
	// ClusterID begins every name on Kafka; empty generates one and keeps it in a ConfigMap of Namespace.
	ClusterID string
	// MetricsAddress and HealthAddress are where to serve; "0" serves nothing.
	MetricsAddress, HealthAddress string
	// Concurrency is the number of objects of each kind that are reconciled in parallel.
	Concurrency int
	// LeaderElection waits for the lease before reconciling; the three times are those of the lease.
	LeaderElection                            bool
	LeaseDuration, RenewDeadline, RetryPeriod time.Duration
	// Compile compiles a job.
	Compile func(spec.Job) (*physical.Plan, error)
	// Workers asks workers what they do; nil asks them by their addresses.
	Workers streamjob.Workers
	// Webhook is what there is to say of the admission webhook.
	Webhook Webhook
	plants  streamjob.Plants
	// AllowSameNames lets several operators run in one process, for tests.
	AllowSameNames bool
}

// maxClusterID keeps the names of topics below Kafka's 249 bytes, with the longest namespace and job.
const maxClusterID = 32

// Check refuses options that can't work.
func (o *Options) Check() error {
	switch {
	case o.WorkerImage == "":
		return errors.New("--worker-image: missing; give the image of workers, such as millrace/worker:v1")
	case o.Namespace == "":
		return errors.New("--namespace: missing")
	case slices.ContainsFunc(o.Namespaces, func(n string) bool { return len(validation.IsDNS1123Label(n)) > 0 }):
		return fmt.Errorf("--namespaces: %q: names of namespaces, separated by commas", o.Namespaces)
	case o.ClusterID != "" && (len(o.ClusterID) > maxClusterID || !regexp.MustCompile(`^[a-zA-Z0-9_-]+$`).MatchString(o.ClusterID)):
		return errors.New("--cluster-id: must be at most 32 letters, digits, '-' and '_'")
	case o.Webhook.Enabled && o.Webhook.CertificateFolder == "" && (o.Webhook.Secret == "" || o.Webhook.Configuration == "" || len(o.Webhook.Names) == 0):
		return errors.New("--webhook: needs --webhook-cert-dir, or --webhook-secret, --webhook-configuration and --webhook-names to keep a certificate itself")
	}
	return o.checkLease()
}

func (o *Options) checkLease() error {
	if o.LeaderElection && (o.LeaseDuration <= o.RenewDeadline || o.RenewDeadline <= o.RetryPeriod || o.RetryPeriod <= 0) {
		return errors.New("--leader-elect-lease-duration must be above the renew deadline, and that above the retry period")
	}
	return nil
}
