package kafka

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// ports are the two that a node listens on, both on loopback.
type ports struct {
	client     int
	controller int
}

func (p ports) clientAddress() string     { return loopback(p.client) }
func (p ports) controllerAddress() string { return loopback(p.controller) }

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// freePorts asks the kernel for two ports that nobody uses now. Both listeners are held until both are known, so that they differ.
func freePorts(ctx context.Context) (ports, error) {
	var found [2]int
	for i := range found {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", loopback(0))
		if err != nil {
			return ports{}, fmt.Errorf("test kafka: find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }()
		found[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports{client: found[0], controller: found[1]}, nil
}
