package measure

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Requests passes connections on to a broker, and counts the requests that clients send on them. It is for counting
// alone: what passes through it takes longer.
type Requests struct {
	listener net.Listener
	broker   string
	serving  sync.WaitGroup

	mu    sync.Mutex
	count map[kmsg.Key]int64
}

// CountRequests listens at an address, until Close, and passes on to the broker's.
func CountRequests(ctx context.Context, address, broker string) (*Requests, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	r := &Requests{listener: listener, broker: broker, count: map[kmsg.Key]int64{}}
	r.serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			r.serving.Go(func() { r.pass(ctx, client) })
		}
	})
	return r, nil
}

// Close ends listening. Connections end with their clients.
func (r *Requests) Close() { _ = r.listener.Close() }

// Sum returns how many requests of the kinds there have been.
func (r *Requests) Sum(kinds ...kmsg.Key) (n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range kinds {
		n += r.count[k]
	}
	return n
}

func (r *Requests) pass(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	broker, err := new(net.Dialer).DialContext(ctx, "tcp", r.broker)
	if err != nil {
		return
	}
	var answers sync.WaitGroup
	answers.Go(func() {
		_, _ = io.Copy(client, broker) // either side's end is the other's
		_ = client.Close()
	})
	requests := bufio.NewReader(client)
	for {
		const head = 6 // length and kind
		begin, err := requests.Peek(head)
		if err != nil {
			break
		}
		r.mu.Lock()
		r.count[kmsg.Key(binary.BigEndian.Uint16(begin[4:]))]++ //nolint:gosec // kinds are small
		r.mu.Unlock()
		if _, err := io.CopyN(broker, requests, int64(binary.BigEndian.Uint32(begin))+4); err != nil {
			break
		}
	}
	_ = broker.Close()
	answers.Wait()
}
