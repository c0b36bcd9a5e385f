package kafkaadmin

import (
	"slices"
	"strings"
	"sync"
)

// Pool keeps a Cluster for each list of bootstrap servers. The number of clusters is that of the KafkaConnections.
type Pool struct {
	mu       sync.Mutex
	clusters map[string]*Cluster
}

// NewPool returns an empty pool.
func NewPool() *Pool { return &Pool{clusters: map[string]*Cluster{}} }

// Get returns the cluster behind the servers. Nothing is dialled before its first request.
func (p *Pool) Get(servers []string) (*Cluster, error) {
	sorted := slices.Clone(servers)
	slices.Sort(sorted)
	key := strings.Join(sorted, ",")
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.clusters[key]; ok {
		return c, nil
	}
	c, err := open(sorted)
	if err != nil {
		return nil, err
	}
	p.clusters[key] = c
	return c, nil
}

// Close closes all clusters.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, c := range p.clusters {
		c.close()
		delete(p.clusters, key)
	}
}
