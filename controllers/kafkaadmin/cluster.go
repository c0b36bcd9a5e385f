package kafkaadmin

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

const (
	clientID = "millrace-operator"
	// requestTimeout bounds every call, retries included: a reconciler must not hang on a broker that is away.
	requestTimeout = 5 * time.Second
	// createTimeout bounds the making of internal topics, which waits for their leaders.
	createTimeout = 60 * time.Second
)

// Cluster is a Kafka cluster.
type Cluster struct {
	client *kgo.Client
	admin  *kadm.Client
	jobs   *kafka.Admin
	dials  *dials
}

// open makes the clients of a cluster.
func open(options kafka.Options) (*Cluster, error) {
	d := newDials(options.Dial)
	options.ClientID, options.Dial = clientID, d.dial
	client, err := kgo.NewClient(append(options.Security.ClientOptions(options.Dial),
		kgo.SeedBrokers(options.Brokers...), kgo.ClientID(clientID), kgo.MetadataMinAge(100*time.Millisecond))...)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a client").Do("correct spec.bootstrapServers")
	}
	jobs, err := kafka.NewAdmin(options)
	if err != nil {
		client.Close()
		return nil, err
	}
	return &Cluster{client, kadm.NewClient(client), jobs, d}, nil
}

func (c *Cluster) close() {
	c.client.Close()
	c.jobs.Close()
}

// Identify returns the id that the cluster goes by, and the number of brokers that it names.
func (c *Cluster) Identify(ctx context.Context) (id string, brokers int, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	m, err := c.admin.BrokerMetadata(fresh(ctx))
	if err != nil {
		return "", 0, c.wrap(err, "list brokers", "DESCRIBE of the cluster")
	}
	return m.Cluster, len(m.Brokers), nil
}

// fresh makes the library ask the brokers about topics: otherwise it answers from what it knew a moment ago, before a
// topic was made. Only requests for authorized operations go past its cache.
func fresh(ctx context.Context) context.Context { return kadm.WithAuthorizedOps(ctx) }
