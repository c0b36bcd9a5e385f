package cluster

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
)

// dialPatience bounds the look whether a broker can be reached at all.
const dialPatience = 5 * time.Second

// Asked is where a job listens for what is asked of it: a topic on its Kafka.
type Asked struct {
	// Prefix begins the job's names on Kafka, and Brokers are those of its KafkaConnection.
	Prefix  string
	Brokers []string
}

// Savepoint returns whom to ask for a savepoint of a job. A job that can't make one is an error.
func (c *Cluster) Savepoint(ctx context.Context, name string) (*Asked, error) {
	job, err := c.Job(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := canSave(job); err != nil {
		return nil, err
	}
	o, err := c.get(ctx, connections(), job.Spec.ConnectionRef.Name)
	if err != nil {
		return nil, err
	}
	connection, err := typed[v1alpha1.KafkaConnection](o)
	if err != nil {
		return nil, err
	}
	return &Asked{Prefix: job.Status.Prefix, Brokers: connection.Spec.BootstrapServers}, nil
}

// Reach looks whether one of the brokers can be reached from here, which those of a cluster often can't.
func (a *Asked) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	var last error
	for _, broker := range a.Brokers {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", broker)
		if err == nil {
			return connection.Close()
		}
		last = err
	}
	return fault.Wrap(fault.Transient, last, "reach the job's Kafka at %s", strings.Join(a.Brokers, ", ")).
		Do("a savepoint is asked for by a record in the job's control topic, and not over the API server: run this where the brokers can be reached, such as in a Pod, or give an address that can be by --kafka")
}
