package kafka_test

import (
	"context"
	"encoding/binary"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// lossy is a network that loses requests, or the answers to them, with their connections.
type lossy struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu      sync.Mutex
	key     kmsg.Key
	answers int // how many answers to requests of that key are lost next; these were applied
	asks    int // how many requests after them don't reach the broker
	lost    int
}

// lose sets what is lost from now on.
func (l *lossy) lose(key kmsg.Key, answers, asks int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.key, l.answers, l.asks, l.lost = key, answers, asks, 0
}

// losses is how much was lost since.
func (l *lossy) losses() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

func (l *lossy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := l.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &lossyConn{conn, l}, nil
}

func (l *lossy) fate(request []byte) (answer, ask bool) {
	const keyAt, head = 4, 6
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(request) < head || kmsg.Key(binary.BigEndian.Uint16(request[keyAt:])) != l.key {
		return false, false
	}
	switch {
	case l.answers > 0:
		l.answers--
		l.lost++
		return true, false
	case l.asks > 0:
		l.asks--
		l.lost++
		return false, true
	}
	return false, false
}

type lossyConn struct {
	net.Conn
	net *lossy
}

// Write is called by the client with one request.
func (c *lossyConn) Write(request []byte) (int, error) {
	answer, ask := c.net.fate(request)
	if ask {
		_ = c.Close()
		return len(request), nil
	}
	n, err := c.Conn.Write(request)
	if answer {
		time.Sleep(time.Millisecond) // fake: the broker has applied it
		_ = c.Close()
	}
	return n, err
}
