package kafka

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// ports are those that a node listens on, all on loopback.
type ports struct {
	client     int
	controller int
	behind     int // of clients that come through something in front
	within     int // of brokers that do
	guarded    int // of clients that must say who they are
	secured    int // of those that speak TLS besides
}

func (p ports) clientAddress() string     { return loopback(p.client) }
func (p ports) controllerAddress() string { return loopback(p.controller) }

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// freePorts asks the kernel for ports that nobody uses now. All listeners are held until all are known, so that they differ.
func freePorts(ctx context.Context) (ports, error) {
	var found [6]int
	for i := range found {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", loopback(0))
		if err != nil {
			return ports{}, fmt.Errorf("test kafka: find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }()
		found[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports{client: found[0], controller: found[1], behind: found[2], within: found[3], guarded: found[4], secured: found[5]}, nil
}
