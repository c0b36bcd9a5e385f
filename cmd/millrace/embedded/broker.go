package embedded

import (
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/millrace/millrace/runtime/fault"
)

// Broker is a running broker. Close it; everything that was written is gone then.
type Broker struct {
	cluster *kfake.Cluster
}

// Start starts a broker on a free port of the loopback address.
func Start() (*Broker, error) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ClusterID("local"))
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "start the embedded broker")
	}
	return &Broker{cluster}, nil
}

// Address returns host:port of the broker.
func (b *Broker) Address() string { return b.cluster.ListenAddrs()[0] }

// Close stops the broker.
func (b *Broker) Close() { b.cluster.Close() }
