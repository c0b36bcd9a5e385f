package kafkaadmin

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
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
}

func open(servers []string) (*Cluster, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(servers...), kgo.ClientID(clientID), kgo.MetadataMinAge(100*time.Millisecond))
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "make a client").Do("correct spec.bootstrapServers")
	}
	jobs, err := kafka.NewAdmin(kafka.Options{Brokers: servers, ClientID: clientID})
	if err != nil {
		client.Close()
		return nil, err
	}
	return &Cluster{client, kadm.NewClient(client), jobs}, nil
}

func (c *Cluster) close() {
	c.client.Close()
	c.jobs.Close()
}

// Brokers returns the number of brokers that the cluster names.
func (c *Cluster) Brokers(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	brokers, err := c.admin.ListBrokers(ctx)
	if err != nil {
		return 0, wrap(err, "list brokers")
	}
	return len(brokers), nil
}

// wrap gives an error of a broker its kind: what a broker refused is the user's to correct, anything else may pass.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	kind := fault.Transient
	var refused *kerr.Error
	if errors.As(err, &refused) && !refused.Retriable {
		kind = fault.User
	}
	return fault.Wrap(kind, err, "%s", doing)
}

// fresh makes the library ask the brokers about topics: otherwise it answers from what it knew a moment ago, before a
// topic was made. Only requests for authorized operations go past its cache.
func fresh(ctx context.Context) context.Context { return kadm.WithAuthorizedOps(ctx) }
