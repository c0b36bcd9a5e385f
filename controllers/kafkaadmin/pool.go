package kafkaadmin

import (
	"sync"
	"time"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

// idleAfter is how long a cluster may go unasked for before it is closed: longer than any pass that may still hold it, and
// than the time between two passes over what uses it.
const idleAfter = 10 * time.Minute

// Identity is what a cluster is known by: two passes that reach it in the same way share its connections.
type Identity struct {
	// Connection is the KafkaConnection's UID, so that no namespace ever works with another one's credentials.
	Connection string
	// Hash identifies all that it is reached by, secrets included.
	Hash string
}

// Pool keeps a Cluster for each Identity that is in use. Their number is that of the KafkaConnections, and of what their
// Secrets have held within the last minutes. It is safe for concurrent use.
type Pool struct {
	now func() time.Time

	mu       sync.Mutex
	clusters map[Identity]*pooled
}

// pooled is a cluster and when it was last asked for.
type pooled struct {
	cluster *Cluster
	asked   time.Time
}

// NewPool returns an empty pool with a clock.
func NewPool(now func() time.Time) *Pool { return &Pool{now: now, clusters: map[Identity]*pooled{}} }

// Get returns the cluster of an identity, which is reached as the options say: the same options for the same identity.
// Nothing is dialled before its first request.
func (p *Pool) Get(id Identity, options kafka.Options) (*Cluster, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.sweep(now)
	if c, ok := p.clusters[id]; ok {
		c.asked = now
		return c.cluster, nil
	}
	c, err := open(options)
	if err != nil {
		return nil, err
	}
	p.clusters[id] = &pooled{c, now}
	return c, nil
}

// sweep closes what nobody has asked for in a long time. The caller has the lock.
func (p *Pool) sweep(now time.Time) {
	for id, c := range p.clusters {
		if now.Sub(c.asked) >= idleAfter {
			c.cluster.close()
			delete(p.clusters, id)
		}
	}
}

// Close closes all clusters.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, c := range p.clusters {
		c.cluster.close()
		delete(p.clusters, id)
	}
}
