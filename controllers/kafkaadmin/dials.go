package kafkaadmin

import (
	"context"
	"net"
	"sync"
	"time"
)

// dialTimeout bounds a connection's first step; it is below requestTimeout, so that the cause is known before that is over.
const dialTimeout = 3 * time.Second

// dials makes connections and remembers what the last one failed of: the library gives up on a broker that it can't reach
// with an error that does not say why.
type dials struct {
	inner func(ctx context.Context, network, address string) (net.Conn, error)

	mu   sync.Mutex
	last error
}

// newDials returns dials over a dialer, or over TCP where it is nil.
func newDials(inner func(ctx context.Context, network, address string) (net.Conn, error)) *dials {
	if inner == nil {
		inner = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	return &dials{inner: inner}
}

func (d *dials) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.inner(ctx, network, address)
	if ctx.Err() == nil || err == nil { // a pass that ended says nothing about the broker
		d.mu.Lock()
		d.last = err
		d.mu.Unlock()
	}
	return conn, err
}

// cause is what the last connection failed of; nil where it did not.
func (d *dials) cause() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}
